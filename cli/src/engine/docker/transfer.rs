//! Pulls and pushes: to and from a reference's registry, with that registry's credentials and no other's.
//!
//! Neither goes through bollard: it encodes credentials in an alphabet the engine does not read (a password whose
//! encoding has a `+` or `/` is lost), and drops the layer's id from a push's progress.

use base64::Engine as _;
use futures_util::StreamExt;
use hyper::http::request::Builder;
use serde_json::{Value, json};

use super::super::{Error, Event, LayerState, Progress, Result};
use super::{DockerEngine, failure, wire};
use crate::credentials::{self, Login};
use crate::reference::Reference;

pub(super) async fn pull(engine: &DockerEngine, reference: &str, progress: &mut dyn Progress) -> Result<()> {
    let name = parse(reference)?;
    let login = login(name.registry()).await?;
    pull_as(engine, &name, login, progress).await
}

pub(super) async fn push(
    engine: &DockerEngine,
    reference: &str,
    progress: &mut dyn Progress,
) -> Result<String> {
    let name = parse(reference)?;
    let login = login(name.registry()).await?;
    push_as(engine, &name, login, progress).await
}

pub(super) async fn pull_as(
    engine: &DockerEngine,
    name: &Reference,
    login: Option<Login>,
    progress: &mut dyn Progress,
) -> Result<()> {
    let path = format!(
        "/v{}/images/create?fromImage={}&tag={}",
        engine.client.client_version(),
        escape(name.name()),
        escape(name.digest().unwrap_or(name.tag_or_latest()))
    );
    run(engine, name, &path, login, progress).await.map(drop)
}

pub(super) async fn push_as(
    engine: &DockerEngine,
    name: &Reference,
    login: Option<Login>,
    progress: &mut dyn Progress,
) -> Result<String> {
    let path = format!(
        "/v{}/images/{}/push?tag={}",
        engine.client.client_version(),
        name.name(),
        escape(name.tag_or_latest())
    );
    run(engine, name, &path, login, progress)
        .await?
        .ok_or_else(|| Error::Engine { reason: "the push ended without a digest".to_owned() })
}

fn parse(reference: &str) -> Result<Reference> {
    Reference::parse(reference).map_err(|error| Error::Engine { reason: error.to_string() })
}

fn escape(text: &str) -> String {
    // A reference has no other character that a query gives a meaning to.
    text.replace(':', "%3A").replace('/', "%2F").replace('+', "%2B")
}

/// Sends the request and follows it to its end; the digest, if one was told.
async fn run(
    engine: &DockerEngine,
    name: &Reference,
    path: &str,
    login: Option<Login>,
    progress: &mut dyn Progress,
) -> Result<Option<String>> {
    let request = hyper::Request::post(path)
        .header("Host", "docker")
        .header("Content-Length", "0")
        .header("X-Registry-Auth", header(name.registry(), login));
    follow(engine, request, progress).await.map_err(|error| failure::transfer(name, error))
}

async fn follow(
    engine: &DockerEngine,
    request: Builder,
    progress: &mut dyn Progress,
) -> Result<Option<String>> {
    let mut lines = wire::lines(&engine.address, request).await?;
    let mut digest = None;
    while let Some(line) = lines.next().await {
        let line = line?;
        if let Some(message) = line.pointer("/errorDetail/message").or_else(|| line.get("error")) {
            return Err(failure::engine(message.as_str().unwrap_or_default()));
        }
        if let Some(told) = digest_in(&line) {
            digest = Some(told);
        }
        if let Some(event) = layer(&line) {
            progress.event(event);
        }
    }
    Ok(digest)
}

async fn login(registry: &str) -> Result<Option<Login>> {
    let host = registry.to_owned();
    tokio::task::spawn_blocking(move || credentials::lookup(&host))
        .await
        .map_err(|error| Error::Engine { reason: error.to_string() })?
        .map_err(|error| Error::Credentials { registry: registry.to_owned(), reason: error.to_string() })
}

fn header(registry: &str, login: Option<Login>) -> String {
    // A push without this header is refused, so one without credentials says so.
    let value = match login {
        None => json!({}),
        Some(Login::Password { username, password }) => {
            json!({ "username": username, "password": password, "serveraddress": registry })
        }
        Some(Login::IdentityToken(token)) => json!({ "identitytoken": token, "serveraddress": registry }),
    };
    base64::engine::general_purpose::URL_SAFE.encode(value.to_string())
}

fn digest_in(line: &Value) -> Option<String> {
    let told = line.pointer("/aux/Digest").and_then(Value::as_str).map(str::to_owned);
    told.or_else(|| {
        let status = line.get("status")?.as_str()?;
        let (_, rest) = status.split_once(": digest: ").or_else(|| status.split_once("Digest: "))?;
        rest.split(' ').next().map(str::to_owned)
    })
}

fn layer(line: &Value) -> Option<Event> {
    let id = line.get("id")?.as_str()?.to_owned();
    let state = match line.get("status")?.as_str()? {
        "Waiting" | "Preparing" | "Pulling fs layer" => LayerState::Waiting,
        "Pushing" | "Downloading" => LayerState::Moving,
        "Verifying Checksum" | "Download complete" | "Extracting" => LayerState::Unpacking,
        "Layer already exists" | "Already exists" => LayerState::Exists,
        "Pushed" | "Pull complete" => LayerState::Done,
        status if status.starts_with("Mounted from") => LayerState::Exists,
        status if status.starts_with("Retrying") => LayerState::Waiting,
        _ => return None,
    };
    let bytes = |field: &str| line.pointer(field).and_then(Value::as_u64).unwrap_or(0);
    Some(Event::Layer {
        id,
        state,
        current: bytes("/progressDetail/current"),
        total: bytes("/progressDetail/total"),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_password_survives_the_alphabet_of_the_header() {
        let password = "\u{ff}\u{fe}>>>???".to_owned();
        let login = Login::Password { username: "me".to_owned(), password: password.clone() };
        let header = header("registry.example.com", Some(login));
        assert!(!header.contains(['+', '/']), "{header}");
        let decoded = base64::engine::general_purpose::URL_SAFE.decode(header).unwrap();
        let value: Value = serde_json::from_slice(&decoded).unwrap();
        assert_eq!(value["password"], password);
    }

    #[test]
    fn the_digest_is_found_in_either_form() {
        let old = json!({ "status": "v1: digest: sha256:abc size: 528" });
        let new =
            json!({ "progressDetail": {}, "aux": { "Tag": "v1", "Digest": "sha256:abc", "Size": 528 } });
        let pulled = json!({ "status": "Digest: sha256:abc" });
        for line in [old, new, pulled] {
            assert_eq!(digest_in(&line).as_deref(), Some("sha256:abc"), "{line}");
        }
    }
}
