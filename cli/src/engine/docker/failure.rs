//! The engine's words, sorted.
//!
//! An engine tells its faults apart in prose only. All reading of that prose is here, with the prose of old (20.10)
//! and new (29) engines side by side in the tests.

use bollard::errors::Error as Bollard;

use super::super::Error;
use crate::reference::Reference;

/// A fault of a plain request.
pub(super) fn request(error: Bollard) -> Error {
    match error {
        Bollard::DockerResponseServerError { message, .. } => engine(&message),
        Bollard::DockerStreamError { error } => engine(&error),
        Bollard::RequestTimeoutError => Error::TimedOut,
        other => Error::Engine { reason: chain(&other) },
    }
}

/// A fault in the engine's own words.
pub(super) fn engine(message: &str) -> Error {
    let reason = message.trim().to_owned();
    let has = |needle: &str| reason.contains(needle);
    if has("no space left on device") {
        Error::NoSpace { reason }
    } else if has("could not select device driver")
        || has("nvidia-container-cli: initialization error")
        || has("failed to discover GPU vendor")
    {
        Error::NoGpuDriver { reason }
    } else if let Some(port) = taken_port(&reason) {
        Error::PortInUse { port }
    } else {
        Error::Engine { reason }
    }
}

fn taken_port(reason: &str) -> Option<u16> {
    if !reason.contains("port is already allocated") && !reason.contains("address already in use") {
        return None;
    }
    // `… Bind for 127.0.0.1:5000 failed: …`, `… listen tcp4 127.0.0.1:5000: bind: …`
    reason
        .split([' ', '"'])
        .filter_map(|word| word.trim_end_matches(':').rsplit_once(':'))
        .find_map(|(_, port)| port.parse().ok())
}

/// A fault of a pull or a push of `reference`.
pub(super) fn transfer(reference: &Reference, error: Error) -> Error {
    let Error::Engine { reason } = error else { return error };
    let registry = reference.registry().to_owned();
    let name = reference.to_string();
    let has = |needles: &[&str]| {
        let lower = reason.to_lowercase();
        needles.iter().any(|needle| lower.contains(needle))
    };
    if has(&["server gave http response to https client"]) {
        Error::PlainHttp { registry }
    } else if has(&[
        "unauthorized",
        "authentication required",
        "no basic auth credentials",
        "denied",
        "forbidden",
    ]) {
        // Docker Hub says "denied" for what is not there, too; the hint covers both.
        Error::Unauthorized { registry, reference: name, reason: last_words(&reason) }
    } else if has(&["not found", "name unknown", "name_unknown", "manifest unknown", "no such manifest"]) {
        Error::NotInRegistry { registry, reference: name }
    } else if has(&["no such image", "does not exist locally", "tag does not exist"]) {
        Error::NoSuchImage { reference: name }
    } else if has(&[
        "dial tcp",
        "no such host",
        "connection refused",
        "i/o timeout",
        "timeout exceeded",
        "tls handshake",
        "x509",
        "eof",
    ]) {
        Error::RegistryUnreachable { registry, reason: last_words(&reason) }
    } else {
        Error::Engine { reason }
    }
}

/// A fault of a build, which happened at `step` if at any.
pub(super) fn build(step: Option<(String, String)>, error: Error) -> Error {
    let Error::Engine { reason } = error else { return error };
    let whole = format!("{} {reason}", step.as_ref().map_or("", |(_, error)| error));
    if whole.contains("no space left on device") {
        return Error::NoSpace { reason };
    }
    if let Some(reference) = base_image(step.as_ref(), &whole) {
        return Error::BaseImage { reference, reason: last_words(&reason) };
    }
    match step {
        Some((step, _)) => Error::BuildStep { step, reason },
        None => Error::Build { reason },
    }
}

/// The image that a build could not get at, if that is what failed.
fn base_image(step: Option<&(String, String)>, whole: &str) -> Option<String> {
    let told = [
        "failed to resolve source metadata for ",
        "failed to create LLB definition: ",
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: ",
    ];
    let from_step = step.and_then(|(name, _)| {
        let rest = name.strip_prefix("[internal] load metadata for ")?;
        Some(rest.trim().to_owned())
    });
    let from_pull = step.and_then(|(name, _)| {
        let (_, rest) = name.split_once("] FROM ")?;
        Some(rest.split(['@', ' ']).next()?.to_owned())
    });
    let from_text = whole.split_once(told[0]).map(|(_, rest)| {
        let end = rest.find([' ', '\n']).unwrap_or(rest.len());
        rest[..end].trim_end_matches(':').to_owned()
    });
    from_step.or(from_text).or(from_pull).map(|name| {
        name.strip_prefix("docker.io/library/")
            .or_else(|| name.strip_prefix("docker.io/"))
            .unwrap_or(&name)
            .to_owned()
    })
}

/// The end of an error chain joined by colons is what a person wants to read; all of it when it is short.
fn last_words(reason: &str) -> String {
    let line = reason.trim().lines().last().unwrap_or_default();
    if line.len() <= 200 {
        return line.to_owned();
    }
    let parts: Vec<&str> = line.split(": ").collect();
    parts[parts.len().saturating_sub(3)..].join(": ")
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
