//! Which model the page talks to: an origin, said by each request.

use reqwest::Url;

/// The origin of a model: scheme, host, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target(Url);

impl Target {
    /// Reads an origin. `None` for anything that is more, or speaks no HTTP.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        // An empty user, which the parser forgets, shows the wrong host to whoever reads it.
        (is_origin && !text.contains('@')).then_some(Self(url))
    }

    /// As people write it, without a slash at its end.
    pub(super) fn origin(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }

    /// Whether it is on this machine, where no proxy leads.
    pub(super) fn is_local(&self) -> bool {
        self.0.host_str().is_some_and(super::guard::is_loopback)
    }

    /// A place there.
    pub(super) fn at(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        for good in ["http://localhost:8393", "https://models.example.com/", "http://[::1]:5000"] {
            assert!(Target::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn anything_more_or_else_is_none() {
        for bad in [
            "localhost:8393",
            "file:///etc/passwd",
            "ftp://localhost",
            "http://me@localhost",
            "http://@localhost",
            "http://me:secret@localhost",
            "http://localhost/#x",
            "http://localhost/?x",
            "http://localhost/path",
            "",
        ] {
            assert_eq!(Target::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_path_stays_as_it_is_written() {
        let place =
            Target::parse("http://localhost:1").map(|target| target.at("/predictions/a%2Fb", Some("x=1")));
        assert_eq!(place.map(String::from).as_deref(), Some("http://localhost:1/predictions/a%2Fb?x=1"));
    }
}
