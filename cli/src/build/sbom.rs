//! The bill of materials of a model: every package of `Cargo.lock` that it needs, as CycloneDX 1.5 in JSON.
//!
//! Source: <https://cyclonedx.org/docs/1.5/json/>. It bears neither a serial number nor a time, so that the same lock
//! file gives the same document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::credentials;
use crate::project::{LockFile, LockedPackage};

/// The document for the package called `model`.
pub(super) fn document(lock: &LockFile, model: &str) -> Value {
    // By reference. Packages for tests and other systems are among them: a lock file does not tell them apart.
    let needed: BTreeMap<String, &LockedPackage> =
        lock.needed(model).into_iter().map(|package| (reference(package), package)).collect();
    let root = lock.packages.iter().find(|package| package.name == model && package.source.is_none());
    let components: Vec<Value> =
        needed.values().filter(|package| Some(**package) != root).map(|package| component(package)).collect();
    let dependencies: Vec<Value> = needed
        .values()
        .map(|package| {
            let on: BTreeSet<String> =
                package.dependencies.iter().filter_map(|name| lock.find(name)).map(reference).collect();
            json!({ "ref": reference(package), "dependsOn": on })
        })
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": root.map(component),
            "tools": { "components": [{ "type": "application", "name": "cog", "version": env!("CARGO_PKG_VERSION") }] },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(package: &LockedPackage) -> Value {
    let mut value = json!({
        "type": "library",
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
        "purl": reference(package),
    });
    if let Some(checksum) = &package.checksum {
        value["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    value
}

/// A package URL: <https://github.com/package-url/purl-spec>.
fn reference(package: &LockedPackage) -> String {
    let plain = format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"));
    match package.source.as_deref() {
        Some(source) if source.starts_with("git+") => {
            let source = credentials::stripped(source);
            let source =
                source.replace('%', "%25").replace('&', "%26").replace('#', "%23").replace('?', "%3F");
            format!("{plain}?vcs_url={source}")
        }
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "model"
version = "0.1.0"
dependencies = ["serde 1.0.2", "patched"]

[[package]]
name = "serde"
version = "1.0.1"
source = "registry+https://example.com/index"
checksum = "00"

[[package]]
name = "serde"
version = "1.0.2"
source = "registry+https://example.com/index"
checksum = "01"

[[package]]
name = "patched"
version = "0.2.0+x"
source = "git+https://me:token@example.com/patched?rev=1#1"

[[package]]
name = "unrelated"
version = "9.0.0"
"#;

    #[test]
    fn what_the_model_needs_is_listed_once_with_its_hash() {
        let lock: LockFile = toml::from_str(LOCK).unwrap();
        let document = document(&lock, "model");
        assert_eq!(document["metadata"]["component"]["name"], "model");
        let names: Vec<&str> = document["components"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["purl"].as_str())
            .collect();
        let patched = "pkg:cargo/patched@0.2.0%2Bx?vcs_url=git+https://example.com/patched%3Frev=1%231";
        assert_eq!(names, [patched, "pkg:cargo/serde@1.0.2"]);
        assert_eq!(document["components"][1]["hashes"][0]["content"], "01");
        let model = &document["dependencies"][0];
        assert_eq!(model["ref"], "pkg:cargo/model@0.1.0");
        assert_eq!(model["dependsOn"], json!([patched, "pkg:cargo/serde@1.0.2"]));
    }
}
