//! The lock file of a new project: the versions its template was tested with.

/// The lock file of a project called `name`, made of that of `example`, whose text is `lock`. Cargo wants its packages in
/// order.
pub fn lock_file(lock: &str, example: &str, name: &str) -> String {
    let mut parts = lock.trim_end().split("\n\n");
    let head = parts.next().unwrap_or_default();
    let (old, new) = (format!("name = \"{example}\"\n"), format!("name = \"{name}\"\n"));
    let mut packages: Vec<String> = parts.map(|entry| entry.replace(&old, &new)).collect();
    packages.sort_by(|one, other| package(one).cmp(package(other)));
    format!("{head}\n\n{}\n", packages.join("\n\n"))
}

/// Name of the package in an entry of the lock file.
fn package(entry: &str) -> &str {
    entry.lines().find_map(|line| line.strip_prefix("name = ")).unwrap_or_default().trim_matches('"')
}
