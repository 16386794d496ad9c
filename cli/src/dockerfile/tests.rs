//! Golden Dockerfiles: what each kind of project is built by. The texts are in `snapshots/`.

#![expect(clippy::unwrap_used, reason = "a test whose project cannot be written must fail")]

use std::path::Path;

use crate::context::trust::Certificates;
use crate::plan::{Options, Plan};
use crate::project::{Accelerator, Project};

/// A project written for one test.
struct Case {
    home: tempfile::TempDir,
    project: &'static str,
    accelerators: Vec<Accelerator>,
    options: Options,
}

impl Case {
    /// A package `hello` with this `cog.yaml`.
    fn new(yaml: &str) -> Self {
        let manifest = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                        [features]\ncuda = []\nfast = []\n";
        Self::empty("hello").with("hello/cog.yaml", yaml).with("hello/Cargo.toml", manifest).package("hello")
    }

    fn empty(project: &'static str) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, project, accelerators: Vec::new(), options: Options::default() }
    }

    fn with(self, path: &str, text: &str) -> Self {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Adds what makes a directory with a manifest a package with a lock file.
    fn package(self, directory: &str) -> Self {
        self.with(&format!("{directory}/src/main.rs"), "fn main() {}\n")
            .with(&format!("{directory}/Cargo.lock"), "version = 4\n")
    }

    /// Pretends that a package of this version and with these features is locked.
    fn locked(mut self, name: &str, version: &str, features: &[&str]) -> Self {
        let features = Some(features.iter().map(|feature| (*feature).to_owned()).collect());
        self.accelerators.push(Accelerator { name: name.to_owned(), version: version.to_owned(), features });
        self
    }

    fn plan(&self) -> Result<Plan, String> {
        let mut project = Project::load(&self.home.path().join(self.project)).unwrap();
        project.accelerators.extend(self.accelerators.iter().cloned());
        Plan::new(&project, &self.options).map_err(|error| error.to_string())
    }

    fn dockerfile(&self) -> String {
        super::render(&self.plan().unwrap()).unwrap()
    }
}

macro_rules! golden {
    ($($name:ident: $case:expr;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $case.dockerfile());
        })+
    };
}

fn workspace() -> Case {
    let member = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    Case::empty("apps/model")
        .with("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"apps/model\", \"apps/other\"]\n")
        .with("Cargo.lock", "version = 4\n")
        .with("apps/model/cog.yaml", "build: {}\n")
        .with("apps/model/Cargo.toml", &member("model", ""))
        .with("apps/model/src/main.rs", "fn main() {}\n")
        .with("apps/other/Cargo.toml", &member("other", ""))
        .with("apps/other/src/main.rs", "fn main() {}\n")
}

fn outside() -> Case {
    let manifest = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
                    [dependencies]\nshared = { path = \"../shared\" }\n";
    let shared = "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    Case::empty("hello")
        .with("hello/cog.yaml", "build: {}\n")
        .with("hello/Cargo.toml", manifest)
        .package("hello")
        .with("shared/Cargo.toml", shared)
        .with("shared/src/lib.rs", "")
}

fn certified() -> Case {
    let mut case = Case::new("build:\n  system_packages: [curl]\n");
    let pem = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
    case.options.certificates = Some(Certificates::read(pem).unwrap());
    case
}

fn anew() -> Case {
    let mut case = Case::new("");
    case.options.anew = true;
    case
}

const SECRET: &str = "build:\n  run:\n    - echo plain\n    - command: curl -H @/run/secrets/token example.com\n      \
                      mounts:\n        - {type: secret, id: token, target: /run/secrets/token}\n";
const GPU: &str = "build:\n  gpu: true\n";

golden! {
    cpu_is_the_closure_of_the_binary: Case::new("");
    cpu_with_packages_keeps_a_system: Case::new("build:\n  system_packages: [libgl1, ffmpeg]\n");
    run_steps_mount_their_secrets: Case::new(SECRET);
    variables_mean_themselves: Case::new("environment:\n  - GREETING=good \"$morning\"\n  - PLAIN=1\n");
    concurrency_is_a_variable: Case::new("concurrency:\n  max: 4\n");
    features_and_rust_are_chosen: Case::new("build:\n  rust_version: \"1.95.0\"\n  features: [fast]\n  default_features: false\n");
    a_member_of_a_workspace: workspace();
    a_path_dependency_outside_the_project: outside();
    certificates_come_before_the_network: certified();
    nothing_compiled_before_is_kept: anew();
    gpu_without_a_hint: Case::new(GPU);
    gpu_with_cuda_given: Case::new("build:\n  gpu: true\n  cuda: \"12.4\"\n");
    gpu_with_cuda_and_cudnn_given: Case::new("build:\n  gpu: true\n  cuda: \"11.8\"\n  cudnn: \"8\"\n");
    gpu_with_a_patch_version: Case::new("build:\n  gpu: true\n  cuda: \"12.6.1\"\n");
    gpu_with_packages_and_features: Case::new("build:\n  gpu: true\n  cuda: \"13.0\"\n  system_packages: [libgl1]\n  features: [cuda]\n");
    gpu_derived_from_cudarc: Case::new(GPU).locked("cudarc", "0.19.10", &["cuda-12060"]);
    gpu_required_and_architectures_given: Case::new("build:\n  gpu: required\n  cuda: \"12.8\"\n  cuda_architectures: [\"8.0\", \"12.0\"]\n");
    gpu_derived_from_burn: Case::new(GPU).locked("cubecl-cuda", "0.12.0", &[]).locked("cudarc", "0.18.2", &["cuda-12080", "driver", "nvrtc"]);
    gpu_derived_from_ort: Case::new(GPU).locked("ort", "2.0.0-rc.15", &["cuda", "download-binaries"]);
    gpu_derived_from_candle: Case::new(GPU).locked("candle-core", "0.11.1", &["cuda"]).locked("candle-kernels", "0.11.1", &[]).locked("cudarc", "0.19.10", &["cublas", "curand", "cuda-version-from-build-system", "dynamic-linking", "nvrtc"]);
}

#[test]
fn ubuntu_is_the_newest_that_has_the_cuda() {
    let ubuntu = |cuda: &str| {
        Case::new(&format!("build:\n  gpu: true\n  cuda: \"{cuda}\"\n")).plan().unwrap().cuda.unwrap().ubuntu
    };
    assert_eq!(["11.4", "11.8", "12.4", "12.6"].map(ubuntu), ["20.04", "22.04", "22.04", "24.04"]);
}

#[test]
fn a_package_whose_cuda_nobody_knows_is_refused_before_anything_is_built() {
    let fault = Case::new(GPU).locked("tch", "0.99.0", &[]).plan().unwrap_err();
    assert_eq!(fault, "which CUDA `tch` 0.99.0 needs is not known");
}

#[test]
fn no_stage_asks_for_a_frontend_and_none_but_the_builder_has_a_compiler() {
    let text = Case::new(GPU).dockerfile();
    assert!(!text.contains("syntax="), "{text}");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(!last.lines().next().unwrap().contains("devel"), "{last}");
}

#[test]
fn the_context_is_the_same_for_the_same_files_and_another_for_others() {
    let case = Case::new("").with("hello/labels.txt", "a\n").with("hello/target/debug/big", "x");
    let tar = |home: &Path| {
        let project = Project::load(&home.join("hello")).unwrap();
        let plan = Plan::new(&project, &Options::default()).unwrap();
        let mut bytes = Vec::new();
        crate::context::Context::collect(&project, &plan, "FROM scratch\n")
            .unwrap()
            .write(&mut bytes)
            .unwrap();
        bytes
    };
    let first = tar(case.home.path());
    assert_eq!(first, tar(case.home.path()));
    assert!(!first.windows(12).any(|window| window == b"target/debug"), "what Cargo compiled stays");
    let case = case.with("hello/labels.txt", "b\n");
    assert_ne!(first, tar(case.home.path()));
}

#[test]
fn secrets_caches_and_images_stay_out_of_the_context_and_of_the_image() {
    let case = Case::new("")
        .with("hello/token.txt", "hunter2")
        .with("hello/cache/CACHEDIR.TAG", "")
        .with("hello/cache/weights/net", "of-the-cache")
        .with("hello/image/oci-layout", "")
        .with("hello/image/blobs/sha256/ab", "of-the-image")
        .with("hello/labels.txt", "labels");
    let directory = case.home.path().join("hello");
    // Under another name, too.
    std::fs::hard_link(directory.join("token.txt"), directory.join("labels.bak")).unwrap();
    let project = Project::load(&directory).unwrap();
    let secrets = vec![directory.join("token.txt")];
    let assets = crate::context::assets(&project, &secrets).unwrap();
    let paths: Vec<_> = assets.small.iter().map(|entry| &*entry.path).collect();
    assert_eq!(paths, ["cog.yaml", "labels.txt"]);
    let plan = Plan::new(&project, &Options { secrets, ..Options::default() }).unwrap();
    let mut bytes = Vec::new();
    crate::context::Context::collect(&project, &plan, "").unwrap().write(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("labels.txt"), "{text}");
    assert!(
        ["hunter2", "token.txt", "labels.bak", "of-the-cache", "of-the-image"]
            .iter()
            .all(|word| !text.contains(word))
    );
}
