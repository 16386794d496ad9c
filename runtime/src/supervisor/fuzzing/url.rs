//! URLs that clients name, and where the answers of strangers lead from there.

use super::source::Source;
use crate::supervisor::net::Url;

pub(super) fn target(bytes: &[u8]) {
    let mut source = Source(bytes);
    let named = source.text();
    let location = String::from_utf8_lossy(source.0).into_owned();
    for url in [Url::parse(&named), Url::parse("http://h:81/a/b?q")] {
        let Ok(url) = url else { continue };
        assert_is_dialled(&url);
        if let Ok(next) = url.join(&location) {
            assert_is_dialled(&next);
        }
    }
}

fn assert_is_dialled(url: &Url) {
    assert!(!url.host().is_empty(), "{url} names no place");
    assert!(!url.authority().contains('@'), "{url} tells a password");
    let shown = url.to_string();
    assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{shown:?}");
    let scheme = if url.is_https() { "https" } else { "http" };
    let whole = format!("{scheme}://{}{}", url.authority(), url.target());
    let again = Url::parse(&whole).expect("a URL that was read is one");
    assert_eq!((url.host(), url.port(), url.target()), (again.host(), again.port(), again.target()));
}
