//! Credential helpers: programs called `docker-credential-NAME` that are asked on standard input.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use super::{Error, Login};

/// The name that says the secret is an identity token.
const TOKEN: &str = "<token>";

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks the helper `name` about `server`.
pub(super) fn get(name: &str, server: &str) -> Result<Option<Login>, Error> {
    ask(program(name), server)
}

/// Has the helper `name` keep `login` for `server`.
pub(super) fn store(name: &str, server: &str, login: &Login) -> Result<(), Error> {
    let (username, secret) = match login {
        Login::Password { username, password } => (username.as_str(), password),
        Login::IdentityToken(token) => (TOKEN, token),
    };
    let entry = json!({ "ServerURL": server, "Username": username, "Secret": secret });
    run(&program(name), "store", &entry.to_string()).map(drop)
}

/// Has the helper `name` forget what it keeps for `server`.
pub(super) fn erase(name: &str, server: &str) -> Result<(), Error> {
    run(&program(name), "erase", server).map(drop)
}

fn program(name: &str) -> OsString {
    OsString::from(format!("docker-credential-{name}"))
}

fn ask(program: OsString, server: &str) -> Result<Option<Login>, Error> {
    let failed = |reason: String| Error::Helper { program: program.to_string_lossy().into_owned(), reason };
    let Some(output) = run(&program, "get", server)? else { return Ok(None) };
    let answer: Answer =
        serde_json::from_slice(&output).map_err(|error| failed(format!("its answer is no JSON: {error}")))?;
    Ok(match answer {
        Answer { secret, .. } if secret.is_empty() => None,
        Answer { username, secret } if username == TOKEN => Some(Login::IdentityToken(secret)),
        Answer { username, secret } => Some(Login::Password { username, password: secret }),
    })
}

/// What the program answers to `action` about `words`; nothing where it knows nothing.
fn run(program: &OsString, action: &str, words: &str) -> Result<Option<Vec<u8>>, Error> {
    let shown = program.to_string_lossy().into_owned();
    let failed = |reason: String| Error::Helper { program: shown.clone(), reason };
    let mut child = Command::new(program)
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NoHelper { program: shown.clone() },
            _ => failed(error.to_string()),
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends without reading has its say on its output.
        let _ = stdin.write_all(words.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        // Helpers explain themselves on either stream.
        let said = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())
            .join(" ");
        if said.contains("credentials not found") {
            return Ok(None);
        }
        return Err(failed(if said.trim().is_empty() {
            output.status.to_string()
        } else {
            said.trim().to_owned()
        }));
    }
    Ok(Some(output.stdout))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn helper(script: &str) -> (tempfile::TempDir, OsString) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("docker-credential-test");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = path.into_os_string();
        (directory, program)
    }

    #[test]
    fn a_helper_is_asked_about_that_server_only() {
        let (_keep, program) = helper(
            r#"[ "$1" = get ] && [ "$(cat)" = r.example.com ] && echo '{"ServerURL":"x","Username":"me","Secret":"s"}'"#,
        );
        let login = ask(program.clone(), "r.example.com").unwrap();
        assert_eq!(login, Some(Login::Password { username: "me".to_owned(), password: "s".to_owned() }));
        assert!(ask(program, "other.example.com").is_err());
    }

    #[test]
    fn a_token_is_told_by_its_name() {
        let (_keep, program) = helper(r#"cat >/dev/null; echo '{"Username":"<token>","Secret":"s"}'"#);
        assert_eq!(ask(program, "r").unwrap(), Some(Login::IdentityToken("s".to_owned())));
    }

    #[test]
    fn not_found_is_no_failure_and_a_failure_is_quoted() {
        let (_keep, program) =
            helper("cat >/dev/null; echo 'credentials not found in native keychain'; exit 1");
        assert_eq!(ask(program, "r").unwrap(), None);
        let (_keep, program) = helper("cat >/dev/null; echo 'the keyring is locked' >&2; exit 1");
        assert!(ask(program, "r").unwrap_err().to_string().ends_with("failed: the keyring is locked"));
    }
}
