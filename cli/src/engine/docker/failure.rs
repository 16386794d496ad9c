//! The engine's words, sorted.
//!
//! An engine tells its faults apart in prose only. All reading of that prose is here, with the prose of old (20.10)
//! and new (29) engines side by side in the tests.

use bollard::errors::Error as Bollard;

use super::super::Error;
use super::steps::Failed;
use crate::reference::Reference;

/// A fault of a plain request.
pub(super) fn request(error: Bollard) -> Error {
    match error {
        Bollard::DockerResponseServerError { message, .. } => engine(&message),
        Bollard::DockerStreamError { error } => engine(&error),
        Bollard::RequestTimeoutError => Error::TimedOut,
        Bollard::HyperResponseError { .. } | Bollard::HyperLegacyError { .. } | Bollard::IOError { .. } => {
            Error::Lost { reason: chain(&error) }
        }
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
    } else if has("executable file not found") || (has("exec: \"") && has("no such file or directory")) {
        Error::NoCommand { reason }
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
    // `… failed to bind host port 127.0.0.1:5000/tcp: …`
    reason
        .split([' ', '"'])
        .filter_map(|word| word.trim_end_matches(':').trim_end_matches("/tcp").rsplit_once(':'))
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

/// A fault of a build, which happened in `failed` if in any step.
pub(super) fn build(failed: Option<Failed>, error: Error) -> Error {
    let Error::Engine { reason } = error else { return error };
    let Some(failed) = failed else {
        return match base_image("", &reason) {
            Some(reference) => Error::BaseImage { reference, reason: last_words(&reason) },
            None => Error::Build { reason },
        };
    };
    let whole = format!("{} {reason}", failed.error);
    if let Some(reference) = base_image(&failed.step, &whole) {
        Error::BaseImage { reference, reason: last_words(&reason) }
    } else if failed.disk_full || whole.contains("no space left on device") {
        Error::NoSpace { reason: failed.step }
    } else {
        Error::BuildStep { step: failed.step, reason }
    }
}

/// The image that a build could not get at, if that is what failed.
fn base_image(step: &str, whole: &str) -> Option<String> {
    let word =
        |text: &str| text.split([' ', '@', '\n']).next().unwrap_or_default().trim_end_matches(':').to_owned();
    let name = step
        .strip_prefix("[internal] load metadata for ")
        .or_else(|| whole.split_once("failed to resolve source metadata for ").map(|(_, rest)| rest))
        .or_else(|| step.split_once("] FROM ").map(|(_, rest)| rest))
        .map(word)?;
    let short = name.strip_prefix("docker.io/library/").or_else(|| name.strip_prefix("docker.io/"));
    Some(short.unwrap_or(&name).to_owned())
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

/// An error and what caused it, each said once.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn said(reason: &str) -> Error {
        Error::Engine { reason: reason.to_owned() }
    }

    fn failed(step: &str, error: &str) -> Option<Failed> {
        Some(Failed { step: step.to_owned(), error: error.to_owned(), disk_full: false })
    }

    #[test]
    fn a_port_in_use_is_understood_from_old_and_new_engines() {
        for words in [
            "driver failed programming external connectivity on endpoint x (1f): Bind for 127.0.0.1:5000 failed: port is \
             already allocated",
            "driver failed programming external connectivity on endpoint x (1f): Error starting userland proxy: listen \
             tcp4 127.0.0.1:5000: bind: address already in use",
            "failed to set up container networking: driver failed programming external connectivity on endpoint x (1f): \
             failed to bind host port 127.0.0.1:5000/tcp: address already in use",
        ] {
            assert!(matches!(engine(words), Error::PortInUse { port: 5000 }), "{words}");
        }
    }

    #[test]
    fn a_base_image_is_named_as_the_dockerfile_names_it() {
        let (old, new) = (
            "failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to do request: Head \
             \"https://registry-1.docker.io/v2/library/rust/manifests/1.9999\": dial tcp: no such host",
            "failed to solve: rust:1.9999: failed to resolve source metadata for docker.io/library/rust:1.9999: no such \
             host",
        );
        for (step, words) in [
            (failed("[internal] load metadata for docker.io/library/rust:1.9999", "no such host"), old),
            (failed("[internal] load metadata for docker.io/library/rust:1.9999", "no such host"), new),
            (None, new),
            (failed("[builder 1/9] FROM docker.io/library/rust:1.9999@sha256:12", "EOF"), "EOF"),
        ] {
            let error = build(step, said(words));
            assert!(
                matches!(&error, Error::BaseImage { reference, .. } if reference == "rust:1.9999"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn a_full_disk_is_told_from_a_failing_program() {
        let words = "executor failed running [/bin/sh -c cargo build]: exit code: 101";
        assert!(matches!(build(failed("RUN cargo build", words), said(words)), Error::BuildStep { .. }));
        let full = Some(Failed { disk_full: true, ..failed("RUN cargo build", words).unwrap() });
        assert!(matches!(build(full, said(words)), Error::NoSpace { .. }));
        let copy = "failed to copy files: copy file range failed: no space left on device";
        assert!(matches!(build(failed("COPY . .", copy), said(copy)), Error::NoSpace { .. }));
        assert!(matches!(
            engine("write /var/lib/docker/tmp/x: no space left on device"),
            Error::NoSpace { .. }
        ));
    }

    #[test]
    fn a_registrys_refusal_is_told_from_its_absence() {
        let reference = Reference::parse("r.example.com/me/hello").unwrap();
        let sort = |words: &str| transfer(&reference, said(words));
        for words in [
            "no basic auth credentials",
            "unauthorized: authentication required",
            "denied: requested access to the resource is denied",
            "push access denied, repository does not exist or may require authorization: server message: \
             insufficient_scope: authorization failed",
            "login attempt to http://127.0.0.1:5000/v2/ failed with status: 401 Unauthorized",
        ] {
            assert!(matches!(sort(words), Error::Unauthorized { .. }), "{words}");
        }
        for words in [
            "manifest for r.example.com/me/hello:latest not found: manifest unknown: manifest unknown",
            "name unknown: repository name not known to registry",
            "failed to resolve reference \"r.example.com/me/hello:latest\": r.example.com/me/hello:latest: not found",
        ] {
            assert!(matches!(sort(words), Error::NotInRegistry { .. }), "{words}");
        }
        for words in [
            "Get \"https://r.example.com/v2/\": dial tcp: lookup r.example.com on 127.0.0.53:53: no such host",
            "Get \"https://r.example.com/v2/\": tls: failed to verify certificate: x509: unknown authority",
            "Get \"https://r.example.com/v2/\": net/http: TLS handshake timeout",
        ] {
            assert!(matches!(sort(words), Error::RegistryUnreachable { .. }), "{words}");
        }
        let plain = "Get \"https://r.example.com/v2/\": http: server gave HTTP response to HTTPS client";
        assert!(matches!(sort(plain), Error::PlainHttp { .. }));
        let gone = "An image does not exist locally with the tag: r.example.com/me/hello";
        assert!(matches!(sort(gone), Error::NoSuchImage { .. }));
    }
}
