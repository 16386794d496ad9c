//! The model that a project is pushed as, where it is one: an index that names the image and its weights.
//!
//! Owns the rule by which it is named: the variables `COG_MODEL` and `COG_MODEL_*`, then `model:` of `cog.yaml`.

use jiff::Timestamp;

use super::{BadReference, Reference};

/// Replicate's registry.
const REPLICATE: &str = "r8.im";
/// Tags that begin so are this program's own.
const RESERVED: &str = "cog-";

/// What the rule looks at; a value, so that tests need no environment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Said {
    /// `COG_MODEL`.
    pub model: Option<String>,
    /// `COG_MODEL_REGISTRY`.
    pub registry: Option<String>,
    /// `COG_MODEL_REPO`.
    pub repository: Option<String>,
    /// `COG_MODEL_TAG`.
    pub tag: Option<String>,
    /// `COG_REGISTRY_HOST`, else Replicate's.
    pub default_registry: String,
}

/// Why a model has no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name is none.
    #[error("{variable}: {source}")]
    Bad {
        /// Where it was said.
        variable: String,
        /// What is wrong with it.
        source: BadReference,
    },
    /// A part is more than that part.
    #[error("`{variable}` is `{value}`, and {rule}")]
    Part {
        /// Where it was said.
        variable: &'static str,
        /// What was said.
        value: String,
        /// What it has to be.
        rule: &'static str,
    },
    /// The tag is taken.
    #[error("tag `{0}` begins with `cog-`, which is for what is pushed beside a model")]
    Reserved(String),
    /// The name is pinned.
    #[error("`{0}` names a digest, which a push finds out rather than chooses")]
    Pinned(String),
    /// Two things are asked for at once.
    #[error("a model is named (`{0}`), and cog.yaml has `image:`")]
    Both(Reference),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Bad { .. } => return None,
            Self::Part { variable, .. } => match *variable {
                "COG_MODEL_REGISTRY" => "write `COG_MODEL_REGISTRY=registry.example.com`".to_owned(),
                _ => "write `COG_MODEL_REPO=me/name`, and the tag into `COG_MODEL_TAG`".to_owned(),
            },
            Self::Reserved(_) => "choose another tag".to_owned(),
            Self::Pinned(_) => "name a tag".to_owned(),
            Self::Both(_) => {
                "rename `image` to `model` in cog.yaml, or unset `COG_MODEL`, `COG_MODEL_REGISTRY`, \
                 `COG_MODEL_REPO` and `COG_MODEL_TAG`"
                    .to_owned()
            }
        })
    }
}

/// The registry of models that name none: `COG_REGISTRY_HOST`, else Replicate's.
pub fn default_registry() -> String {
    said("COG_REGISTRY_HOST").unwrap_or_else(|| REPLICATE.to_owned())
}

/// Whether a registry is Replicate's.
pub fn is_replicates(registry: &str) -> bool {
    registry == REPLICATE
}

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

impl Said {
    /// What this process's environment says.
    pub fn by_environment() -> Self {
        Self {
            model: said("COG_MODEL"),
            registry: said("COG_MODEL_REGISTRY"),
            repository: said("COG_MODEL_REPO"),
            tag: said("COG_MODEL_TAG"),
            default_registry: default_registry(),
        }
    }

    /// The model that a project with `model:` and `image:` in its file is pushed as; `None` where it is an image.
    ///
    /// # Errors
    /// A name that is none, a reserved tag, a digest, an image and a model at once.
    pub fn reference(
        &self,
        model: Option<&str>,
        image: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Reference>, Error> {
        let Some(name) = self.name(model)? else { return Ok(None) };
        if name.digest().is_some() {
            return Err(Error::Pinned(name.to_string()));
        }
        let name = match name.tag() {
            Some(_) => name,
            None => {
                let tag = now.strftime("%Y%m%dT%H%M%SZ").to_string();
                name.with_tag(&tag)
                    .map_err(|source| Error::Bad { variable: "the time".to_owned(), source })?
            }
        };
        if name.tag_or_latest().starts_with(RESERVED) {
            return Err(Error::Reserved(name.tag_or_latest().to_owned()));
        }
        match image {
            Some(_) => Err(Error::Both(name)),
            None => Ok(Some(name)),
        }
    }

    /// The name, with a tag where one was given.
    fn name(&self, model: Option<&str>) -> Result<Option<Reference>, Error> {
        let parse = |variable: &str, text: &str| {
            Reference::parse(text).map_err(|source| Error::Bad { variable: variable.to_owned(), source })
        };
        if let Some(text) = &self.model {
            return parse("COG_MODEL", text).map(Some);
        }
        let part = |variable: &'static str, value: &Option<String>, banned: [char; 2], rule: &'static str| {
            match value {
                Some(value) if value.contains(banned) => {
                    Err(Error::Part { variable, value: value.clone(), rule })
                }
                value => Ok(value.clone()),
            }
        };
        let registry = part("COG_MODEL_REGISTRY", &self.registry, ['/', '@'], "is to be a host and no more")?;
        let repository =
            part("COG_MODEL_REPO", &self.repository, [':', '@'], "is to have neither tag, port nor digest")?;
        let written = model.map(|model| parse("`model` in cog.yaml", model)).transpose()?;
        let registry = registry
            .or_else(|| written.as_ref().map(|model| model.registry().to_owned()))
            .unwrap_or_else(|| self.default_registry.clone());
        let Some(repository) = repository.or_else(|| written.map(|model| model.repository())) else {
            return Ok(None);
        };
        let name = parse("the model's name", &format!("{registry}/{repository}"))?;
        match &self.tag {
            None => Ok(Some(name)),
            Some(tag) => name
                .with_tag(tag)
                .map(Some)
                .map_err(|source| Error::Bad { variable: "COG_MODEL_TAG".to_owned(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn said(model: &str, registry: &str, repository: &str, tag: &str) -> Said {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Said {
            model: some(model),
            registry: some(registry),
            repository: some(repository),
            tag: some(tag),
            default_registry: "r8.im".to_owned(),
        }
    }

    fn named(said: &Said, model: Option<&str>) -> Result<Option<String>, Error> {
        let now = "2026-11-28T10:09:56Z".parse().unwrap();
        said.reference(model, None, now).map(|name| name.map(|name| name.to_string()))
    }

    #[test]
    fn a_model_is_named_by_the_variables_then_by_the_file() {
        let time = "20261128T100956Z";
        let digest = format!("r.test/me/m@sha256:{}", "0".repeat(64));
        for (said, model, name) in [
            (said("", "", "", ""), None, None),
            (said("", "r.test", "", "v1"), None, None),
            (said("", "", "me/m", ""), None, Some(format!("r8.im/me/m:{time}"))),
            (said("", "", "me/m", "v1"), None, Some("r8.im/me/m:v1".to_owned())),
            (said("", "", "", ""), Some("r.test/me/m"), Some(format!("r.test/me/m:{time}"))),
            (said("", "o.test:5000", "", "v1"), Some("r.test/me/m"), Some("o.test:5000/me/m:v1".to_owned())),
            (said("", "", "you/n", "v1"), Some("r.test/me/m"), Some("r.test/you/n:v1".to_owned())),
            (said("", "", "", "v1"), Some("me/m"), Some("docker.io/me/m:v1".to_owned())),
            (
                said("r.test/a/b", "x.test", "c", "v2"),
                Some("r.test/me/m"),
                Some(format!("r.test/a/b:{time}")),
            ),
            (said("r.test/a/b:v3", "", "", "v2"), None, Some("r.test/a/b:v3".to_owned())),
        ] {
            assert_eq!(named(&said, model).unwrap(), name, "{said:?} {model:?}");
        }
        assert_eq!(named(&said(&digest, "", "", ""), None), Err(Error::Pinned(digest.clone())));
    }

    #[test]
    fn what_is_no_part_of_a_name_is_told_with_its_variable() {
        for (said, word) in [
            (said("Me/M", "", "", ""), "COG_MODEL:"),
            (said("", "r.test/x", "me/m", ""), "COG_MODEL_REGISTRY"),
            (said("", "r@test", "me/m", ""), "COG_MODEL_REGISTRY"),
            (said("", "", "me/m:v1", ""), "COG_MODEL_REPO"),
            (said("", "", "me/m", "-x"), "COG_MODEL_TAG"),
            (said("", "", "me/m", "cog-image.v1"), "cog-"),
        ] {
            let error = named(&said, None).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn an_image_and_a_model_at_once_are_refused_with_the_four_variables() {
        let error = said("", "", "me/m", "v1").reference(None, Some("me/image"), Timestamp::UNIX_EPOCH);
        let hint = error.unwrap_err().hint().unwrap();
        for variable in ["`COG_MODEL`", "`COG_MODEL_REGISTRY`", "`COG_MODEL_REPO`", "`COG_MODEL_TAG`"] {
            assert!(hint.contains(variable), "{hint}");
        }
    }
}
