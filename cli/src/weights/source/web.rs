//! One file that a web server has.

use reqwest::{Method, Url};

use super::super::inventory::{self, is_safe};
use super::super::store::Store;
use super::super::{Error, Result};
use super::Had;
use super::fetch::{Wanted, Web, length, strong_tag};
use crate::digest::digest;

/// The address of a file; without what would be a secret in a lock file.
pub(super) fn url(uri: &str) -> Result<Url> {
    let bad = |reason| Error::BadSource { uri: uri.to_owned(), reason };
    // A password may be what makes it none, and is not for the message.
    let shown = || match (uri.split_once("://"), uri.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => uri.to_owned(),
    };
    let no_address = |_| Error::BadSource { uri: shown(), reason: "it is no address" };
    let mut url = Url::parse(uri).map_err(no_address)?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not even in the message.
        let _without = url.set_username("").and_then(|()| url.set_password(None));
        return Err(Error::BadSource {
            uri: url.to_string(),
            reason: "there is a login in it, which everybody could read in weights.lock",
        });
    }
    url.set_fragment(None);
    name(&url).ok_or_else(|| bad("it does not end in the name of a file"))?;
    Ok(url)
}

/// The name of the file: the last part of its path.
fn name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    let name = percent_decoded(last)?;
    (is_safe(&name) && !name.contains('/')).then_some(name)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Brings the file into `store`; without one only its digest is found out. `known` is what the source was when it was
/// read last, and its file then: one that is here already and has not changed is not brought again.
///
/// # Errors
/// A server that refuses or goes on failing, a disk that is full.
pub(in super::super) async fn file(
    web: &Web,
    url: &Url,
    known: Option<(&str, inventory::File)>,
    store: &Store,
    dry: bool,
) -> Result<Had> {
    let (tag, size) = match web.ask(Method::HEAD, url, None).await {
        Ok(reply) => (strong_tag(&reply), length(&reply)),
        // Some know no such question.
        Err(Error::Answered { status, .. }) if matches!(status.as_u16(), 403 | 405 | 501) => (None, None),
        Err(error) => return Err(error),
    };
    let fingerprint = tag.as_ref().map(|tag| format!("etag:{}", tag.trim_matches('"')));
    if let (Some(fingerprint), Some((before, file))) = (&fingerprint, known)
        && fingerprint == before
        && (dry || store.has(&file))
    {
        return Ok(Had { fingerprint: fingerprint.clone(), files: vec![file] });
    }
    let key = tag.as_ref().map(|tag| digest(format!("{url}\n{tag}").as_bytes()));
    let mut partial = if dry { store.nothing()? } else { store.partial(key.as_deref()).await? };
    let path = name(url).unwrap_or_default();
    let wanted = Wanted { url: url.clone(), name: path.clone(), said: None, etag: tag, size, certain: false };
    web.bring(&wanted, &mut partial).await?;
    let (size, digest) = partial.settle(store)?;
    let fingerprint = fingerprint.unwrap_or_else(|| digest.clone());
    Ok(Had { fingerprint, files: vec![inventory::File { path, size, digest }] })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_file_is_named_by_the_end_of_its_address() {
        for (uri, expected) in [
            ("https://example.com/a/net.bin", "net.bin"),
            ("http://example.com/net.bin?key=1#part", "net.bin"),
            ("https://example.com/a%20b.bin", "a b.bin"),
        ] {
            assert_eq!(name(&url(uri).unwrap()).unwrap(), expected, "{uri}");
        }
        for uri in
            ["https://example.com", "https://example.com/a/", "https://example.com/%2e%2e%2fx", "https://"]
        {
            assert!(matches!(url(uri), Err(Error::BadSource { .. })), "{uri}");
        }
    }

    #[test]
    fn a_login_in_an_address_is_refused_and_not_repeated() {
        let error = url("https://me:hunter2@example.com/net.bin").unwrap_err().to_string();
        assert!(error.contains("login") && !error.contains("hunter2") && !error.contains("me:"), "{error}");
        let error = url("https://me:hunter2#@example.com/net.bin").unwrap_err().to_string();
        assert!(error.contains("https://…@example.com") && !error.contains("hunter2"), "{error}");
    }
}
