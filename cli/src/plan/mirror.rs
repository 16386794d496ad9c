//! Where base images come from where Docker Hub is not to be reached, or not to be asked: `COG_IMAGE_MIRROR`.

use crate::reference::{DOCKER_HUB, Reference};

/// The variable that names it.
const VARIABLE: &str = "COG_IMAGE_MIRROR";

/// A registry that has the images of Docker Hub, each under its full name (`library/debian`), below a place of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror(String);

/// Why a text names no mirror.
#[derive(Debug, thiserror::Error)]
#[error("`COG_IMAGE_MIRROR` is `{0}`, which is no registry")]
pub struct BadMirror(String);

impl BadMirror {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(
            "write `registry.example.com` or `registry.example.com/docker-hub`, without `https://`"
                .to_owned(),
        )
    }
}

impl Mirror {
    /// The one that `COG_IMAGE_MIRROR` names.
    ///
    /// # Errors
    /// It is set to something else.
    pub fn from_environment() -> Result<Option<Self>, BadMirror> {
        match std::env::var(VARIABLE) {
            Ok(text) if !text.trim().is_empty() => Self::read(&text).map(Some),
            _ => Ok(None),
        }
    }

    fn read(text: &str) -> Result<Self, BadMirror> {
        let place = text.trim().trim_end_matches('/');
        let known = Reference::parse(&format!("{place}/library/debian"));
        match known {
            Ok(reference) if reference.has_registry() => Ok(Self(place.to_owned())),
            _ => Err(BadMirror(text.to_owned())),
        }
    }

    /// The name under which the mirror has `image`; an image of another registry keeps its own.
    pub(super) fn name(&self, image: &str) -> String {
        match Reference::parse(image) {
            Ok(reference) if reference.registry() == DOCKER_HUB => {
                let rest = &image[reference.name().len()..];
                format!("{}/{}{rest}", self.0, reference.repository())
            }
            _ => image.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn images_of_docker_hub_get_the_mirrors_name_and_no_others() {
        let mirror = Mirror::read(" 127.0.0.1:5000/hub/ ").unwrap();
        for (image, name) in [
            ("debian:bookworm-slim", "127.0.0.1:5000/hub/library/debian:bookworm-slim"),
            ("nvidia/cuda:13.0.3-base-ubuntu24.04", "127.0.0.1:5000/hub/nvidia/cuda:13.0.3-base-ubuntu24.04"),
            ("docker.io/library/rust:1.95", "127.0.0.1:5000/hub/library/rust:1.95"),
            ("registry.example.com/me/base:1", "registry.example.com/me/base:1"),
        ] {
            assert_eq!(mirror.name(image), name);
        }
        assert_eq!(
            Mirror::read("mirror.example.com").unwrap().name("rust"),
            "mirror.example.com/library/rust"
        );
    }

    #[test]
    fn what_names_no_registry_is_refused() {
        for text in
            ["https://mirror.example.com", "hub", "me/hub", "mirror.example.com/Hub", "mirror.example.com:x"]
        {
            assert!(Mirror::read(text).is_err(), "{text}");
        }
    }
}
