//! Docker's `config.json`, as far as it concerns credentials.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::{Error, Login, helper};

/// The key under which Docker keeps its own registry's credentials.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    creds_store: String,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

impl Config {
    /// Reads the file; one that is not there says nothing.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(Error::Unreadable { path: path.to_owned(), source }),
        };
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Malformed { path: path.to_owned(), reason: error.to_string() })
    }

    /// How to log in to `registry`.
    pub(super) fn login(&self, registry: &str) -> Result<Option<Login>, Error> {
        let host = canonical(registry);
        let server = server(registry);
        let own_helper = self.cred_helpers.iter().find(|(key, _)| canonical(key) == host);
        if let Some((_, program)) = own_helper
            && !program.is_empty()
        {
            // Set for this registry by name: what it says counts, and its absence is an error.
            return helper::get(program, server);
        }
        if !self.creds_store.is_empty() {
            match helper::get(&self.creds_store, server) {
                Ok(Some(login)) => return Ok(Some(login)),
                // A store that went away with a desktop application must not keep public images from being pulled.
                Ok(None) | Err(Error::NoHelper { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let entry = self
            .auths
            .get(server)
            .or_else(|| self.auths.iter().find(|(key, _)| canonical(key) == host).map(|(_, entry)| entry));
        entry.map_or(Ok(None), Entry::login)
    }
}

impl Config {
    /// The helper that keeps the login of `registry`.
    pub(super) fn helper(&self, registry: &str) -> Option<&str> {
        let host = canonical(registry);
        let own = self.cred_helpers.iter().find(|(key, _)| canonical(key) == host).map(|(_, name)| name);
        let name = own.filter(|name| !name.is_empty()).unwrap_or(&self.creds_store);
        (!name.is_empty()).then_some(name.as_str())
    }
}

impl Entry {
    fn login(&self) -> Result<Option<Login>, Error> {
        if !self.identitytoken.is_empty() {
            return Ok(Some(Login::IdentityToken(self.identitytoken.clone())));
        }
        if !self.auth.is_empty() {
            return decode(&self.auth).map(Some);
        }
        if self.username.is_empty() {
            return Ok(None);
        }
        Ok(Some(Login::Password { username: self.username.clone(), password: self.password.clone() }))
    }
}

fn decode(auth: &str) -> Result<Login, Error> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient)
        .decode(auth.trim())
        .map_err(|_| Error::BadEntry("`auth` is not base64".to_owned()))?;
    let text = String::from_utf8(bytes).map_err(|_| Error::BadEntry("`auth` is not text".to_owned()))?;
    let (username, password) =
        text.split_once(':').ok_or_else(|| Error::BadEntry("`auth` is not `user:password`".to_owned()))?;
    Ok(Login::Password {
        username: username.to_owned(),
        password: password.trim_end_matches('\0').to_owned(),
    })
}

/// The key for a registry's credentials.
pub(super) fn server(registry: &str) -> &str {
    if canonical(registry) == "docker.io" { DOCKER_HUB_KEY } else { registry }
}

/// The host a key stands for: keys may be URLs, and Docker's own registry goes by several names.
pub(super) fn canonical(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        host => host,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn config(text: &str) -> Config {
        serde_json::from_str(text).unwrap()
    }

    fn password(username: &str, password: &str) -> Option<Login> {
        Some(Login::Password { username: username.to_owned(), password: password.to_owned() })
    }

    // me:secret, you:other
    const TWO: &str = r#"{"auths": {
        "r.example.com": {"auth": "bWU6c2VjcmV0"},
        "https://index.docker.io/v1/": {"auth": "eW91Om90aGVy"}
    }}"#;

    #[test]
    fn a_registry_gets_its_own_credentials_and_no_other() {
        let config = config(TWO);
        assert_eq!(config.login("r.example.com").unwrap(), password("me", "secret"));
        for other in
            ["r.example.com:5000", "example.com", "evil-r.example.com", "r.example.com.evil.test", "r8.im"]
        {
            assert_eq!(config.login(other).unwrap(), None, "{other}");
        }
    }

    #[test]
    fn docker_hub_goes_by_all_its_names() {
        let config = config(TWO);
        for name in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
            assert_eq!(config.login(name).unwrap(), password("you", "other"), "{name}");
        }
    }

    #[test]
    fn a_key_may_be_a_url_and_a_password_may_have_colons() {
        let auth = base64::engine::general_purpose::STANDARD_NO_PAD.encode("me:a:b");
        let config =
            config(&format!(r#"{{"auths": {{"https://127.0.0.1:5000/v2/": {{"auth": "{auth}"}}}}}}"#));
        assert_eq!(config.login("127.0.0.1:5000").unwrap(), password("me", "a:b"));
    }

    #[test]
    fn an_empty_entry_is_no_login() {
        assert_eq!(config(r#"{"auths": {"r.example.com": {}}}"#).login("r.example.com").unwrap(), None);
        assert_eq!(config("{}").login("r.example.com").unwrap(), None);
    }

    #[test]
    fn an_identity_token_is_one() {
        let config = config(r#"{"auths": {"r.example.com": {"auth": "bWU6", "identitytoken": "t0k"}}}"#);
        assert_eq!(config.login("r.example.com").unwrap(), Some(Login::IdentityToken("t0k".to_owned())));
    }

    #[test]
    fn a_store_that_is_not_installed_leaves_the_file() {
        let config = config(
            r#"{"credsStore": "cog-test-not-installed", "auths": {"r.example.com": {"auth": "bWU6c2VjcmV0"}}}"#,
        );
        assert_eq!(config.login("r.example.com").unwrap(), password("me", "secret"));
        assert_eq!(config.login("other.example.com").unwrap(), None);
    }

    #[test]
    fn a_helper_named_for_the_registry_must_be_there() {
        let config = config(r#"{"credHelpers": {"r.example.com": "cog-test-not-installed"}}"#);
        assert_eq!(
            config.login("r.example.com").unwrap_err().to_string(),
            "credential helper `docker-credential-cog-test-not-installed` is configured but not installed"
        );
        assert_eq!(config.login("other.example.com").unwrap(), None);
    }

    #[test]
    fn a_broken_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        assert!(Config::read(&path).is_ok());
        std::fs::write(&path, "{").unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("is no Docker configuration"));
    }
}
