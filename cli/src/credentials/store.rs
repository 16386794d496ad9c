//! Keeping a login, and forgetting it: with the helper that Docker's configuration has for the registry, else in the
//! file itself, which is replaced as a whole and readable by its owner alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::config::{Config, canonical, server};
use super::{Error, Login, helper};

/// Where a login is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// In Docker's configuration file, in clear.
    File(PathBuf),
    /// By a credential helper of this name.
    Helper(String),
}

/// Keeps `login` for `registry` in the configuration file at `path`, or where that says.
pub(super) fn keep(path: &Path, registry: &str, login: &Login) -> Result<Keeper, Error> {
    let config = Config::read(path)?;
    let mut document = document(path)?;
    let server = server(registry);
    let keeper = if let Some(name) = config.helper(registry) {
        helper::store(name, server, login)?;
        Keeper::Helper(name.to_owned())
    } else {
        Keeper::File(path.to_owned())
    };
    let entry = match (&keeper, login) {
        // That there is something elsewhere.
        (Keeper::Helper(_), _) => json!({}),
        (Keeper::File(_), Login::Password { username, password }) => {
            json!({ "auth": STANDARD.encode(format!("{username}:{password}")) })
        }
        (Keeper::File(_), Login::IdentityToken(token)) => json!({ "identitytoken": token }),
    };
    forget_in(&mut document, registry);
    let auths = document.entry("auths").or_insert_with(|| json!({}));
    match auths.as_object_mut() {
        Some(auths) => auths.insert(server.to_owned(), entry),
        None => return Err(malformed(path, "`auths` is no object")),
    };
    write(path, document)?;
    Ok(keeper)
}

/// Forgets what is kept for `registry`; whether there was anything.
pub(super) fn forget(path: &Path, registry: &str) -> Result<bool, Error> {
    let config = Config::read(path)?;
    let mut document = document(path)?;
    let mut found = false;
    if let Some(name) = config.helper(registry) {
        found = helper::get(name, server(registry))?.is_some();
        helper::erase(name, server(registry))?;
    }
    if forget_in(&mut document, registry) {
        write(path, document)?;
        found = true;
    }
    Ok(found)
}

/// Takes every entry out that stands for `registry`.
fn forget_in(document: &mut Map<String, Value>, registry: &str) -> bool {
    let Some(auths) = document.get_mut("auths").and_then(Value::as_object_mut) else { return false };
    let before = auths.len();
    auths.retain(|key, _| canonical(key) != canonical(registry));
    auths.len() < before
}

fn document(path: &Path) -> Result<Map<String, Value>, Error> {
    match fs::read(path) {
        Ok(bytes) if bytes.trim_ascii().is_empty() => Ok(Map::new()),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| malformed(path, &error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Map::new()),
        Err(source) => Err(Error::Unreadable { path: path.to_owned(), source }),
    }
}

fn write(path: &Path, document: Map<String, Value>) -> Result<(), Error> {
    // A configuration may be kept elsewhere, with a link to it.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let write = || {
        let directory = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        // Temporary files are their owner's alone.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        let mut text = serde_json::to_vec_pretty(&Value::Object(document))?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.as_file().sync_all()?;
        file.persist(&place).map_err(|error| error.error)
    };
    write().map(drop).map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

fn malformed(path: &Path, reason: &str) -> Error {
    Error::Malformed { path: path.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn login() -> Login {
        Login::Password { username: "me".to_owned(), password: "s:é".to_owned() }
    }

    #[test]
    fn what_is_kept_is_found_for_that_registry_alone_and_the_rest_of_the_file_stays() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("docker/config.json");
        assert_eq!(keep(&path, "r.example.com:5000", &login()).unwrap(), Keeper::File(path.clone()));
        fs::write(
            &path,
            r#"{"proxies": {"a": 1}, "currentContext": "lab", "auths": {"other.example.com": {"auth": "eDp5"}}}"#,
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        keep(&path, "r.example.com:5000", &login()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let config = Config::read(&path).unwrap();
        assert_eq!(config.login("r.example.com:5000").unwrap(), Some(login()));
        assert_eq!(config.login("r.example.com").unwrap(), None);
        let document = document(&path).unwrap();
        assert_eq!(document["currentContext"], "lab");
        assert_eq!(document["proxies"]["a"], 1);
        assert_eq!(document["auths"]["other.example.com"]["auth"], "eDp5");
        assert!(forget(&path, "r.example.com:5000").unwrap());
        assert!(!forget(&path, "r.example.com:5000").unwrap(), "there is nothing any more");
        assert_eq!(Config::read(&path).unwrap().login("r.example.com:5000").unwrap(), None);
        let left = fs::read_dir(place.path().join("docker")).unwrap().count();
        assert_eq!(left, 1, "nothing but the file");
    }

    #[test]
    fn docker_hub_is_kept_under_the_name_that_docker_looks_for() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.json");
        fs::write(&path, r#"{"auths": {"docker.io": {"auth": "eDp5"}}}"#).unwrap();
        keep(&path, "docker.io", &login()).unwrap();
        let auths = document(&path).unwrap()["auths"].clone();
        assert_eq!(
            auths.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["https://index.docker.io/v1/"],
            "and under no other"
        );
    }

    #[test]
    fn a_file_that_is_no_configuration_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.json");
        for text in ["{", "[]", r#"{"auths": []}"#] {
            fs::write(&path, text).unwrap();
            assert!(keep(&path, "r.example.com", &login()).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_link_to_a_configuration_stays_one() {
        let place = tempfile::tempdir().unwrap();
        let (real, link) = (place.path().join("real.json"), place.path().join("config.json"));
        fs::write(&real, "{}").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        keep(&link, "r.example.com", &login()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("r.example.com"));
    }

    #[test]
    fn a_helper_that_is_not_there_is_no_reason_to_keep_a_password_in_clear() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.json");
        fs::write(&path, r#"{"credsStore": "cog-test-not-installed"}"#).unwrap();
        let error = keep(&path, "r.example.com", &login()).unwrap_err();
        assert!(error.to_string().contains("not installed"), "{error}");
        assert!(!fs::read_to_string(&path).unwrap().contains("r.example.com"));
    }
}
