#![expect(clippy::unwrap_used, reason = "a test whose project cannot be written must fail")]

use super::*;

/// A directory tree written for one test.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = tree.0.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        tree
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Loads the project; an error has `ROOT` in the place of the tree's own path.
    fn load(&self, path: &str) -> Result<Project, String> {
        let root = self.root().to_string_lossy().into_owned();
        Project::load(&self.path(path)).map_err(|error| error.to_string().replace(&root, "ROOT"))
    }
}

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

const MAIN: &str = "fn main() {}\n";
const LOCK: &str = "version = 4\n";

fn simple(yaml: &str, rest: &str, more: &[(&str, &str)]) -> Tree {
    let manifest = manifest("hello", rest);
    let mut files =
        vec![("cog.yaml", yaml), ("Cargo.toml", &manifest), ("Cargo.lock", LOCK), ("src/main.rs", MAIN)];
    files.extend_from_slice(more);
    Tree::new(&files)
}

#[test]
fn the_project_is_found_from_a_directory_inside_it() {
    let tree = simple("", "", &[("src/deep/inside/mod.rs", "")]);
    let project = tree.load("src/deep/inside").unwrap();
    assert_eq!(project.directory, tree.path(""));
    assert_eq!(project.cargo.arguments(), ["-p", "hello", "--bin", "hello"]);
    assert_eq!(project.rust_version, "1.95");
}

#[test]
fn a_directory_without_cog_yaml_is_refused() {
    let tree = Tree::new(&[("Cargo.toml", "")]);
    assert_eq!(tree.load("").unwrap_err(), "no `cog.yaml` in `ROOT` or in any directory above it");
    assert_eq!(tree.load("gone").unwrap_err(), "`ROOT/gone` is not a directory");
}

#[test]
fn a_directory_without_a_manifest_is_refused() {
    let tree = Tree::new(&[("cog.yaml", "")]);
    assert_eq!(tree.load("").unwrap_err(), "`ROOT` has a `cog.yaml` but no `Cargo.toml`");
}

#[test]
fn a_project_without_a_lock_file_is_refused_and_given_none() {
    let tree = simple("", "", &[]);
    std::fs::remove_file(tree.path("Cargo.lock")).unwrap();
    assert_eq!(tree.load("").unwrap_err(), "`ROOT` has no `Cargo.lock`");
    assert!(!tree.path("Cargo.lock").exists());
}

#[test]
fn a_manifest_that_cargo_refuses_is_shown_in_cargos_words() {
    let tree = simple("", "nonsense", &[]);
    assert!(tree.load("").unwrap_err().starts_with("cargo cannot read the project:\nerror:"));
}

#[test]
fn faults_of_cog_yaml_come_before_cargo_is_asked() {
    let tree = Tree::new(&[("cog.yaml", "biuld: {}")]);
    assert!(tree.load("").unwrap_err().contains("did you mean `build`?"));
}

#[test]
fn cog_yaml_that_is_not_text_is_refused() {
    let tree = Tree::new(&[]);
    std::fs::write(tree.path("cog.yaml"), b"image: \xff\n").unwrap();
    assert!(tree.load("").unwrap_err().contains("cog.yaml:1:8: byte 0xff is not UTF-8"));
}

#[test]
fn two_binaries_need_a_choice() {
    let more = [("src/bin/other.rs", MAIN)];
    let tree = simple("", "", &more);
    assert_eq!(tree.load("").unwrap_err(), "package `hello` has 2 binary targets: `hello`, `other`");
    assert_eq!(simple("build: {bin: other}", "", &more).load("").unwrap().cargo.bin, "other");
    assert_eq!(simple("", "default-run = \"other\"", &more).load("").unwrap().cargo.bin, "other");
    let error = simple("build: {bin: gone}", "", &more).load("").unwrap_err();
    assert_eq!(error, "package `hello` has no binary target `gone`");
}

#[test]
fn a_library_is_no_model() {
    let tree = simple("", "", &[("src/lib.rs", "")]);
    std::fs::remove_file(tree.path("src/main.rs")).unwrap();
    assert_eq!(
        tree.load("").unwrap_err(),
        "package `hello` has no binary target, so there is no model to run"
    );
}

#[test]
fn features_are_checked_before_anything_is_built() {
    let rest = "[features]\ncuda = []\n";
    let project = simple("build: {features: [cuda], default_features: false}", rest, &[]).load("").unwrap();
    assert_eq!(
        project.cargo.arguments(),
        ["-p", "hello", "--bin", "hello", "--no-default-features", "--features", "cuda"]
    );
    let error = simple("build: {features: [cudda]}", rest, &[]).load("").unwrap_err();
    assert_eq!(error, "package `hello` has no feature `cudda`");
}

#[test]
fn the_file_of_the_predictor_must_be_there() {
    let error = simple("predict: src/model.rs:P", "", &[]).load("").unwrap_err();
    assert_eq!(error, "`predict` names `src/model.rs`, which is not in the project");
    assert!(simple("predict: src/main.rs:P", "", &[]).load("").is_ok());
}

#[test]
fn the_toolchain_comes_from_the_nearest_word_about_it() {
    let toolchain = [("rust-toolchain.toml", "[toolchain]\nchannel = \"1.96.1\"\n")];
    assert_eq!(simple("", "", &toolchain).load("").unwrap().rust_version, "1.96.1");
    let project = simple("build: {rust_version: 1.97}", "", &toolchain).load("").unwrap();
    assert_eq!(project.rust_version, "1.97");
    assert_eq!(simple("", "rust-version = \"1.90\"", &[]).load("").unwrap().rust_version, "1.95");
    assert_eq!(simple("", "rust-version = \"1.96\"", &[]).load("").unwrap().rust_version, "1.96");
    let error = toolchain::version(
        None,
        &simple("", "", &[("rust-toolchain", "nightly\n")]).path(""),
        Path::new("/"),
        None,
    );
    assert!(error.is_err(), "a nightly has no builder image");
}

#[test]
fn the_closure_holds_local_packages_outside_the_project() {
    let model = manifest("model", "[dependencies]\nshared = { path = \"../../shared\" }\n");
    let shared = manifest("shared", "[dependencies]\ndeeper = { path = \"deeper\" }\n");
    let tree = Tree::new(&[
        ("apps/model/cog.yaml", ""),
        ("apps/model/Cargo.toml", &model),
        ("apps/model/Cargo.lock", LOCK),
        ("apps/model/src/main.rs", MAIN),
        ("shared/Cargo.toml", &shared),
        ("shared/src/lib.rs", ""),
        ("shared/deeper/Cargo.toml", &manifest("deeper", "")),
        ("shared/deeper/src/lib.rs", ""),
    ]);
    let project = tree.load("apps/model").unwrap();
    assert_eq!(project.closure.root, tree.root());
    let names: Vec<_> = project.closure.members.iter().map(|member| &*member.name).collect();
    assert_eq!(names, ["model", "shared", "deeper"]);
}

#[test]
fn what_a_patch_needs_is_compiled_as_well() {
    let rest = "[patch.crates-io]\nserde = { path = \"serde/serde\" }\n[workspace]\nexclude = [\"serde\"]\n";
    let tree = simple(
        "",
        rest,
        &[
            (
                "serde/Cargo.toml",
                "[workspace]\nresolver = \"3\"\nmembers = [\"serde\", \"derive\", \"test\"]\n",
            ),
            (
                "serde/serde/Cargo.toml",
                &manifest("serde", "[dependencies]\nderive = { path = \"../derive\" }\n"),
            ),
            ("serde/serde/src/lib.rs", ""),
            ("serde/derive/Cargo.toml", &manifest("derive", "")),
            ("serde/derive/src/lib.rs", ""),
            ("serde/test/Cargo.toml", &manifest("test", "")),
            ("serde/test/src/lib.rs", ""),
        ],
    );
    let project = tree.load("").unwrap();
    let names: Vec<_> = project.closure.members.iter().map(|member| &*member.name).collect();
    assert_eq!(names, ["hello", "derive", "serde"]);
}

#[test]
fn packages_that_a_workspace_has_vendored_travel() {
    let vendored = "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n";
    let elsewhere = "[source.there]\ndirectory = \"/usr/share/cargo/registry\"\n";
    let tree = Tree::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"model\"]\n"),
        ("Cargo.lock", LOCK),
        (".cargo/config.toml", &format!("{vendored}{elsewhere}")),
        ("vendor/serde/Cargo.toml", &manifest("serde", "")),
        ("model/cog.yaml", ""),
        ("model/Cargo.toml", &manifest("model", "")),
        ("model/src/main.rs", MAIN),
    ]);
    let project = tree.load("model").unwrap();
    assert_eq!(project.closure.vendored, [tree.path("vendor")]);
}

#[test]
fn the_closure_of_a_member_has_the_manifests_of_the_others() {
    let tree = Tree::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"model\", \"other\"]\n"),
        ("Cargo.lock", LOCK),
        ("model/cog.yaml", ""),
        ("model/Cargo.toml", &manifest("model", "")),
        ("model/src/main.rs", MAIN),
        ("other/Cargo.toml", &manifest("other", "")),
        ("other/src/lib.rs", ""),
    ]);
    let project = tree.load("model").unwrap();
    assert_eq!(project.workspace_root, tree.root());
    assert_eq!(project.closure.members.len(), 1);
    assert!(project.closure.files.contains(&tree.path("other/Cargo.toml")));
    assert_eq!(project.closure.stubs, [tree.path("other/src/lib.rs")]);
}

#[test]
fn a_workspace_as_project_needs_to_say_which_member_is_the_model() {
    let files = |yaml: &'static str| {
        Tree::new(&[
            ("cog.yaml", yaml),
            ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n"),
            ("Cargo.lock", LOCK),
            ("one/Cargo.toml", &manifest("one", "")),
            ("one/src/main.rs", MAIN),
            ("two/Cargo.toml", &manifest("two", "")),
            ("two/src/main.rs", MAIN),
        ])
    };
    assert!(files("").load("").unwrap_err().contains("does not say which member is the model"));
    assert_eq!(files("build: {package: two}").load("").unwrap().cargo.package, "two");
    assert_eq!(files("build: {package: six}").load("").unwrap_err(), "the workspace has no package `six`");
}
