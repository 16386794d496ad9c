//! Which files of a project go into the final image: those a model may read while it runs.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use crate::project::Project;

/// Directories of a package that Cargo compiles from.
const CODE: [&str; 5] = ["src", "tests", "benches", "examples", "vendor"];

/// The assets among the project's files, relative to it, one in a line. `places` are paths in the context, where the
/// project lies at `place`.
pub(super) fn list<'a>(project: &Project, places: impl Iterator<Item = &'a str>, place: &str) -> String {
    let prefix = if place == "." { String::new() } else { format!("{place}/") };
    let members: BTreeSet<String> = project
        .closure
        .members
        .iter()
        .map(|member| &member.directory)
        .chain(&project.closure.vendored)
        .filter_map(|directory| directory.strip_prefix(&project.directory).ok())
        .map(|path| format!("{}/", path.display()))
        .filter(|path| path != "/")
        .collect();
    places
        .filter_map(|path| path.strip_prefix(prefix.as_str()))
        .filter(|path| members.iter().all(|member| !path.starts_with(member.as_str())))
        .filter(|path| is_asset(path) && !path.contains('\n'))
        .fold(String::new(), |list, path| list + path + "\n")
}

fn is_asset(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    let code = CODE.contains(&top) && top != path;
    // Secrets, often enough.
    let environment = name == ".env" || name.starts_with(".env.");
    let hidden = top.starts_with('.') || environment;
    let cargos = matches!(name, "Cargo.toml" | "Cargo.lock" | "rust-toolchain.toml" | "rust-toolchain");
    !(code || hidden || cargos || name.ends_with(".rs"))
}

/// Whether the link at `path` of a project leads to what is not in it.
pub(super) fn leaves(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    target.components().any(|part| match part {
        Component::RootDir | Component::Prefix(_) => true,
        Component::ParentDir => match depth.checked_sub(1) {
            Some(higher) => {
                depth = higher;
                false
            }
            None => true,
        },
        Component::CurDir => false,
        Component::Normal(_) => {
            depth += 1;
            false
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_asset;

    #[test]
    fn data_is_an_asset_and_code_is_none() {
        for path in ["weights/model.safetensors", "labels.txt", "cog.yaml", "vendor.txt"] {
            assert!(is_asset(path), "{path}");
        }
        for path in [
            "src/main.rs",
            "src/table.csv",
            "Cargo.lock",
            "build.rs",
            ".gitignore",
            "vendor/cog/LICENSE",
            "deploy/.env",
        ] {
            assert!(!is_asset(path), "{path}");
        }
    }

    #[test]
    fn a_link_that_leads_out_of_a_project_is_known() {
        let leaves = |path: &str, target: &str| super::leaves(Path::new(path), Path::new(target));
        assert!(leaves("net.bin", "/data/net.bin") && leaves("net.bin", "../net.bin"));
        assert!(leaves("nets/one/net.bin", "../../../blobs/net.bin"));
        assert!(!leaves("net.bin", "nets/./net.bin") && !leaves("nets/one/net.bin", "../../net.bin"));
    }
}
