//! The lock file of a new project: the versions the library was tested with.

/// Lock file of the example that depends on the library alone, as a new project does.
const EXAMPLE: &str = include_str!(concat!(env!("OUT_DIR"), "/init.lock"));

/// The example's name, in its own lock file.
const EXAMPLE_NAME: &str = "name = \"hello-world\"";

/// The lock file of a project called `name`. Cargo wants its packages in order.
pub fn lock_file(name: &str) -> String {
    let mut parts = EXAMPLE.trim_end().split("\n\n");
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<String> =
        parts.map(|package| package.replace(EXAMPLE_NAME, &format!("name = \"{name}\""))).collect();
    packages.sort_by(|one, other| package(one).cmp(package(other)));
    format!("{head}\n\n{}\n", packages.join("\n\n"))
}

/// Name of the package in an entry of the lock file.
fn package(entry: &str) -> &str {
    entry.lines().find_map(|line| line.strip_prefix("name = ")).unwrap_or_default().trim_matches('"')
}
