//! Which files of a project go into the final image: those a model may read while it runs.

use std::collections::BTreeSet;

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
        .filter_map(|member| member.directory.strip_prefix(&project.directory).ok())
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
    let hidden = top.starts_with('.');
    let cargos = matches!(name, "Cargo.toml" | "Cargo.lock" | "rust-toolchain.toml" | "rust-toolchain");
    !(code || hidden || cargos || name.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::is_asset;

    #[test]
    fn data_is_an_asset_and_code_is_none() {
        for path in ["weights/model.safetensors", "labels.txt", "cog.yaml", "vendor.txt"] {
            assert!(is_asset(path), "{path}");
        }
        for path in
            ["src/main.rs", "src/table.csv", "Cargo.lock", "build.rs", ".gitignore", "vendor/cog/LICENSE"]
        {
            assert!(!is_asset(path), "{path}");
        }
    }
}
