//! The name of an image: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.
//!
//! Owns which names are good, and which registry a name belongs to. Refuses to know whether the image exists.

pub mod model;

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// The registry of names that give none.
pub const DOCKER_HUB: &str = "docker.io";

/// A well-formed image name, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    name: String,
    registry: Option<String>,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why a text is no image name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no image name: {reason}")]
pub struct BadReference {
    text: String,
    reason: String,
}

static COMPONENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$"));
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$|^\[[0-9a-fA-F:]+\](?::[0-9]{1,5})?$",
    )
});
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"));
static DIGEST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^sha256:[0-9a-f]{64}$"));

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants, and every one of them is used by the tests"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

impl Reference {
    /// Reads an image name.
    pub fn parse(text: &str) -> Result<Self, BadReference> {
        let bad = |reason: String| BadReference { text: text.to_owned(), reason };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let slash = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest[slash..].split_once(':') {
            Some((last, tag)) => (&rest[..slash + last.len()], Some(tag)),
            None => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
            _ => (None, name),
        };
        if path.is_empty() {
            return Err(bad("it names no repository".to_owned()));
        }
        if let Some(host) = registry
            && !HOST.is_match(host)
        {
            return Err(bad(format!("`{host}` is no registry host")));
        }
        for component in path.split('/') {
            if component.is_empty() {
                return Err(bad("it has an empty part".to_owned()));
            }
            if component.chars().any(char::is_uppercase) {
                return Err(bad(format!("it must be lower case: `{}`", path.to_lowercase())));
            }
            if !COMPONENT.is_match(component) {
                return Err(bad(format!(
                    "`{component}` may only have `a-z`, `0-9`, and single `.`, `_` or `-` between them"
                )));
            }
        }
        if name.len() > 255 {
            return Err(bad("it is longer than 255 characters".to_owned()));
        }
        if let Some(tag) = tag
            && !TAG.is_match(tag)
        {
            return Err(bad(format!(
                "tag `{tag}` must be 1 to 128 of letters, digits, `_`, `.` and `-`, and begin with a letter, digit or `_`"
            )));
        }
        if let Some(digest) = digest
            && !DIGEST.is_match(digest)
        {
            return Err(bad(format!("digest `{digest}` must be `sha256:` and 64 hexadecimal digits")));
        }
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self { name: name.to_owned(), registry: own(registry), tag: own(tag), digest: own(digest) })
    }

    /// Without tag and digest: `registry.example.com/me/hello`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registry's host, with its port if it has one.
    pub fn registry(&self) -> &str {
        self.registry.as_deref().filter(|host| *host != "index.docker.io").unwrap_or(DOCKER_HUB)
    }

    /// The repository as its registry knows it: without the host, and in full where Docker Hub's short names leave
    /// something out.
    pub fn repository(&self) -> String {
        let path = match &self.registry {
            Some(host) => &self.name[host.len() + 1..],
            None => &self.name,
        };
        if self.registry() == DOCKER_HUB && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        }
    }

    /// The same repository, with this tag and no digest.
    ///
    /// # Errors
    /// A tag that is none.
    pub fn with_tag(&self, tag: &str) -> Result<Self, BadReference> {
        Self::parse(&format!("{}:{tag}", self.name))
    }

    /// Whether it says which registry it means.
    pub fn has_registry(&self) -> bool {
        self.registry.is_some()
    }

    /// The tag, or the one that is meant without any.
    pub fn tag_or_latest(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }

    /// The tag, if it has one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest it is pinned to.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

impl std::str::FromStr for Reference {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        Self::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn parts(text: &str) -> (String, String, String) {
        let reference = Reference::parse(text).unwrap();
        (reference.registry().to_owned(), reference.name().to_owned(), reference.tag_or_latest().to_owned())
    }

    #[test]
    fn a_name_falls_into_registry_repository_and_tag() {
        let own = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(parts("hello"), own("docker.io", "hello", "latest"));
        assert_eq!(parts("me/hello:v1"), own("docker.io", "me/hello", "v1"));
        assert_eq!(parts("index.docker.io/hello"), own("docker.io", "index.docker.io/hello", "latest"));
        assert_eq!(
            parts("127.0.0.1:5000/me/hello"),
            own("127.0.0.1:5000", "127.0.0.1:5000/me/hello", "latest")
        );
        assert_eq!(parts("localhost/hello:a.b_c-d"), own("localhost", "localhost/hello", "a.b_c-d"));
        assert_eq!(parts("r.example.com/a/b/c"), own("r.example.com", "r.example.com/a/b/c", "latest"));
        assert_eq!(parts("[::1]:5000/hello"), own("[::1]:5000", "[::1]:5000/hello", "latest"));
        let pinned = format!("hello@sha256:{}", "0".repeat(64));
        assert_eq!(Reference::parse(&pinned).unwrap().to_string(), pinned);
    }

    #[test]
    fn a_bad_name_is_refused_in_words() {
        let long = "a".repeat(300);
        for (text, reason) in [
            ("", "names no repository"),
            ("Hello", "must be lower case: `hello`"),
            ("me//hello", "an empty part"),
            ("hello:", "tag ``"),
            ("hello:-x", "tag `-x`"),
            ("he llo", "`he llo` may only have"),
            ("hello@sha256:12", "64 hexadecimal"),
            ("k=v", "`k=v` may only have"),
            ("a_.b", "may only have"),
            ("bad_host.com:x/y", "no registry host"),
            (&long, "longer than 255"),
        ] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }
}
