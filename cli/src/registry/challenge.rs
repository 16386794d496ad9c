//! `WWW-Authenticate`: how a registry wants to be told who asks.

/// What a registry asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, to be had elsewhere.
    Bearer {
        /// Where.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// For what.
        scope: Option<String>,
    },
}

impl Challenge {
    /// Reads the header's value; nothing if it asks for neither.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        let mut rest = rest.trim_start();
        while let Some((name, value)) = rest.split_once('=') {
            let (text, after) = text(value.trim_start());
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(text),
                "service" => service = Some(text),
                "scope" => scope = Some(text),
                _ => {}
            }
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        Some(Self::Bearer { realm: realm?, service, scope })
    }
}

/// A value, quoted or not, and what comes after it.
fn text(value: &str) -> (String, &str) {
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(',').unwrap_or(value.len());
        return (value[..end].trim().to_owned(), &value[end..]);
    };
    let mut text = String::new();
    let mut escaped = false;
    for (at, letter) in quoted.char_indices() {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (text, &quoted[at + 1..]),
            letter => {
                text.push(letter);
                escaped = false;
            }
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Some(Challenge::Bearer { realm: realm.to_owned(), service: own(service), scope: own(scope) })
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        assert_eq!(Challenge::parse("Basic realm=\"tests\""), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("basic"), Some(Challenge::Basic));
        assert_eq!(
            Challenge::parse(
                r#"Bearer realm="https://auth.example.com/token",service="r",scope="repository:a/b:pull,push""#
            ),
            bearer("https://auth.example.com/token", Some("r"), Some("repository:a/b:pull,push"))
        );
        assert_eq!(
            Challenge::parse(r#"bearer  Service=r , realm="https://a/\"t\"", error="x""#),
            bearer("https://a/\"t\"", Some("r"), None)
        );
        assert_eq!(Challenge::parse("Bearer service=\"r\""), None);
        assert_eq!(Challenge::parse("Negotiate"), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_registry_says_is_borne(value in ".{0,80}") {
            let _any = Challenge::parse(&value);
            let _any = Challenge::parse(&format!("Bearer realm=\"{value}"));
        }
    }
}
