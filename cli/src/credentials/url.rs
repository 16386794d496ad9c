//! URLs with a name and a password in them.

use std::borrow::Cow;

/// The URL without the name and the password that it may have. A name alone stays where it says nothing: with SSH,
/// which asks for a key as well.
pub fn stripped(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((user, _)) if scheme.ends_with("ssh") && !user.contains(':') => url.into(),
        Some((_, host)) => format!("{scheme}://{host}{}", &rest[authority.len()..]).into(),
        None => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::stripped;

    #[test]
    fn a_url_is_known_without_who_may_read_it() {
        for (url, left) in [
            (
                "git+https://me:token@example.com:8443/a.git?rev=1#2",
                "git+https://example.com:8443/a.git?rev=1#2",
            ),
            ("https://token@example.com", "https://example.com"),
            ("https://a:p@ss@example.com/x@y", "https://example.com/x@y"),
            ("https://example.com/x@y", "https://example.com/x@y"),
            ("git+ssh://git@example.com/a", "git+ssh://git@example.com/a"),
            ("git+ssh://me:token@example.com/a", "git+ssh://example.com/a"),
            ("./weights@1", "./weights@1"),
        ] {
            assert_eq!(stripped(url), left);
        }
    }
}
