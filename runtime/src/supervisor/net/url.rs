//! As much of URLs as fetching takes: where to connect, what to ask for, where a redirect leads.

use std::fmt;

use hyper::http::Uri;
use hyper::http::uri::Authority;

/// An `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::supervisor) struct Url(Uri);

impl Url {
    /// Reads an absolute URL. Characters beyond ASCII in its path are encoded; a fragment is dropped.
    pub(in crate::supervisor) fn parse(text: &str) -> Result<Self, String> {
        let text = text.split('#').next().unwrap_or_default();
        let mut encoded = String::with_capacity(text.len());
        for character in text.chars() {
            if character.is_ascii_graphic() {
                encoded.push(character);
            } else {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    encoded.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        let shown = super::shortened(text.split('?').next().unwrap_or_default());
        let no_url = |error: &dyn fmt::Display| format!("`{shown}` is no URL: {error}");
        let mut parts = encoded.parse::<Uri>().map_err(|error| no_url(&error))?.into_parts();
        // A user and password that may stand before the host are told to nobody.
        let authority = parts.authority.as_ref().map_or("", Authority::as_str);
        let host = authority.rsplit('@').next().unwrap_or_default();
        parts.authority = Some(host.parse().map_err(|error| no_url(&error))?);
        let uri = Uri::from_parts(parts).map_err(|error| no_url(&error))?;
        match (uri.scheme_str(), uri.host()) {
            (Some("http" | "https"), Some(host)) if is_host(host) => Ok(Self(uri)),
            _ => Err(format!("`{shown}` is no http or https URL")),
        }
    }

    pub(in crate::supervisor) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Without the brackets of an IPv6 address.
    pub(in crate::supervisor) fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    pub(in crate::supervisor) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// Whether the same server is asked, in the same way: scheme, host and port.
    pub(in crate::supervisor) fn is_served_with(&self, other: &Self) -> bool {
        self.is_https() == other.is_https()
            && self.host().eq_ignore_ascii_case(other.host())
            && self.port() == other.port()
    }

    /// The value of the `Host` header.
    pub(in crate::supervisor) fn authority(&self) -> &str {
        self.0.authority().map_or("", Authority::as_str)
    }

    /// Path and query.
    pub(in crate::supervisor) fn target(&self) -> &str {
        self.0.path_and_query().map_or("/", |target| target.as_str())
    }

    /// Where a `Location` leads from here.
    pub(in crate::supervisor) fn join(&self, location: &str) -> Result<Self, String> {
        let scheme = self.0.scheme_str().unwrap_or("http");
        let lower = location.to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            return Self::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("{scheme}://{rest}"));
        }
        let root = format!("{scheme}://{}", self.authority());
        if location.starts_with('/') {
            return Self::parse(&format!("{root}{location}"));
        }
        if location.starts_with('?') {
            return Self::parse(&format!("{root}{}{location}", self.0.path()));
        }
        let folder = self.0.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        Self::parse(&format!("{root}{folder}/{location}"))
    }
}

/// Whether the brackets of an IPv6 address, if any, are around all of it.
fn is_host(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    !inside.is_empty() && !inside.contains(['[', ']'])
}

/// As it is shown: a query may hold a credential.
impl fmt::Display for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}{}", self.0.scheme_str().unwrap_or("http"), self.authority(), self.0.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_to_connect_and_what_to_ask_for() -> Result<(), String> {
        let url = Url::parse("https://user:pw@[::1]:8443/a é?q=1#f")?;
        assert_eq!((url.host(), url.port(), url.is_https()), ("::1", 8443, true));
        assert_eq!((url.authority(), url.target()), ("[::1]:8443", "/a%20%C3%A9?q=1"));
        assert_eq!(Url::parse("http://h")?.target(), "/");
        Ok(())
    }

    #[test]
    fn redirects_lead_where_a_browser_would_go() -> Result<(), String> {
        let from = Url::parse("http://h:81/a/b?q")?;
        for (location, to) in [
            ("https://x/y", "https://x/y"),
            ("//x/y", "http://x/y"),
            ("/y", "http://h:81/y"),
            ("y", "http://h:81/a/y"),
            ("?z", "http://h:81/a/b?z"),
        ] {
            assert_eq!(from.join(location)?, Url::parse(to)?, "{location}");
        }
        assert!(from.join("https:///").is_err());
        Ok(())
    }

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() -> Result<(), String> {
        let here = Url::parse("https://h/a")?;
        for same in ["https://h/b", "https://h:443/a", "https://H/"] {
            assert!(Url::parse(same)?.is_served_with(&here), "{same}");
        }
        for other in ["http://h/a", "http://h:443/a", "https://h:444/a", "https://x/a"] {
            assert!(!Url::parse(other)?.is_served_with(&here), "{other}");
        }
        Ok(())
    }

    #[test]
    fn nobody_is_shown_a_query() -> Result<(), String> {
        assert_eq!(Url::parse("https://h/a?token=secret")?.to_string(), "https://h/a");
        for url in ["ftp://h/a?token=secret", "http://[?token=secret"] {
            assert!(Url::parse(url).is_err_and(|fault| !fault.contains("secret")), "{url}");
        }
        Ok(())
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in ["ftp://h/x", "file:///etc/passwd", "http://", "http://[]/", "http://u@[@h]8", "h", ""] {
            assert!(Url::parse(url).is_err(), "{url}");
        }
    }
}
