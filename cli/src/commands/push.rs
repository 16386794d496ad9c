//! `cog push`: an image of a project, in its registry.

use std::io::{self, Write};

use crate::build::{self, prepare};
use crate::engine::docker;
use crate::progress::Mode;
use crate::project::Project;
use crate::reference::{BadReference, Reference};

/// What `cog push` was asked.
#[derive(Debug, Default)]
pub struct Settings {
    /// Which project, and how to build it; the tag is not looked at.
    pub build: build::Settings,
    /// The image to push to, if one was named.
    pub reference: Option<String>,
    /// `--progress`.
    pub progress: Mode,
}

/// Why there is nothing to push to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody named an image.
    #[error("there is no image name to push to")]
    NoName,
    /// The name is none.
    #[error(transparent)]
    Bad(#[from] BadReference),
    /// The name is pinned.
    #[error("`{0}` names a digest, which a push finds out rather than chooses")]
    Pinned(Reference),
    /// The name has no place for a user's images.
    #[error("`{0}` names neither a registry nor a user")]
    Homeless(Reference),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoName => {
                "set `image:` in cog.yaml, or name one: `cog push registry.example.com/me/model`".to_owned()
            }
            Self::Bad(_) => return None,
            Self::Pinned(reference) => format!("push to a tag: `cog push {}:v1`", reference.name()),
            Self::Homeless(reference) => {
                format!(
                    "push to a registry, `registry.example.com/me/{reference}`, or to Docker Hub, `me/{reference}`"
                )
            }
        })
    }
}

/// Builds the image and pushes it; where it can be pulled from, digest and all, goes to the standard output.
pub async fn run(mut settings: Settings) -> anyhow::Result<()> {
    // A bad name is told before anything is read or built.
    let named = settings.reference.as_deref().map(target).transpose()?;
    let reference = match named {
        Some(reference) => reference,
        None => {
            let project = Project::load(&settings.build.directory)?;
            target(project.config.image.as_deref().ok_or(Error::NoName)?)?
        }
    };
    settings.build.tag = Some(reference.to_string());
    let prepared = prepare(settings.build).await?;
    let engine = docker::connect().await?;

    let mut said = io::stderr();
    for warning in &prepared.plan.warnings {
        writeln!(said, "warning: {warning}")?;
    }
    writeln!(said, "Building {reference}")?;
    let built = prepared.build(&engine, settings.progress.renderer().as_mut()).await?;
    writeln!(said, "Pushing {reference}")?;
    let digest = engine.push(&built.image, settings.progress.renderer().as_mut()).await?;
    writeln!(io::stdout(), "{}@{digest}", reference.name())?;
    Ok(())
}

fn target(text: &str) -> Result<Reference, Error> {
    let reference = Reference::parse(text)?;
    if reference.digest().is_some() {
        return Err(Error::Pinned(reference));
    }
    if !reference.has_registry() && !reference.name().contains('/') {
        return Err(Error::Homeless(reference));
    }
    Ok(reference)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_target_has_a_home_and_no_digest() {
        assert_eq!(target("127.0.0.1:5000/me/hello:v1").unwrap().registry(), "127.0.0.1:5000");
        assert_eq!(target("me/hello").unwrap().registry(), "docker.io");
        assert!(matches!(target("hello"), Err(Error::Homeless(_))));
        assert!(matches!(target("me/Hello"), Err(Error::Bad(_))));
        assert!(matches!(target(&format!("me/a@sha256:{}", "0".repeat(64))), Err(Error::Pinned(_))));
    }
}
