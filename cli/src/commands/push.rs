//! `cog push`: an image of a project, in its registry.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

use crate::build::{self, Gate, Output, Prepared, prepare};
use crate::config::Config;
use crate::engine::docker;
use crate::oci::{INDEX, Index, Member, Platform};
use crate::progress::Mode;
use crate::reference::model::{Said, is_replicates};
use crate::reference::{BadReference, Reference};
use crate::registry::{Registry, Sending};
use crate::weights::{self, Entry};

/// What the tag of a model's image begins with.
const BESIDE: &str = "cog-image.";

/// What `cog push` was asked.
#[derive(Debug, Default)]
pub struct Settings {
    /// Which project, and how to build it; the tag is not looked at.
    pub build: build::Settings,
    /// The image to push to, if one was named.
    pub reference: Option<String>,
    /// What comes of a change that breaks callers.
    pub gate: Gate,
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
    /// A name was given, and the project is a model, which has one.
    #[error("`{named}` is named, and this project is pushed as the model `{model}`")]
    Twice {
        /// The name on the command line.
        named: Box<Reference>,
        /// The model's.
        model: Box<Reference>,
    },
    /// What was pushed a moment ago is not there.
    #[error("the registry does not have the image {0}, which it took a moment ago")]
    Lost(String),
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
            Self::Lost(_) => "run this again".to_owned(),
            Self::Pinned(reference) => format!("push to a tag: `cog push {}:v1`", reference.name()),
            Self::Twice { .. } => "leave the name out; `COG_MODEL` names another model".to_owned(),
            Self::Homeless(reference) => {
                format!(
                    "push to a registry, `registry.example.com/me/{reference}`, or to Docker Hub, `me/{reference}`"
                )
            }
        })
    }
}

/// Where a push goes.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// An image.
    Image(Reference),
    /// A model: an index, which names an image beside it.
    Model {
        /// The index.
        model: Reference,
        /// The image.
        image: Reference,
    },
}

impl Target {
    /// The rule: a model where one is named, else the image that was named here, else that of the file.
    fn of(named: Option<Reference>, config: &Config, said: &Said) -> anyhow::Result<Self> {
        // A name on the command line takes the place of the file's.
        let image = config.image.as_deref().filter(|_| named.is_none());
        let model = said.reference(config.model.as_deref(), image, Timestamp::now())?;
        Ok(match (model, named) {
            (Some(model), Some(named)) => {
                return Err(Error::Twice { named: Box::new(named), model: Box::new(model) }.into());
            }
            (Some(model), None) => {
                let tag = format!("{BESIDE}{}", model.tag_or_latest());
                Self::Model { image: model.with_tag(&tag).map_err(Error::Bad)?, model }
            }
            (None, Some(named)) => Self::Image(named),
            (None, None) => Self::Image(target(config.image.as_deref().ok_or(Error::NoName)?)?),
        })
    }

    fn image(&self) -> &Reference {
        match self {
            Self::Image(image) | Self::Model { image, .. } => image,
        }
    }

    /// What a user asked for.
    fn name(&self) -> &Reference {
        match self {
            Self::Image(image) => image,
            Self::Model { model, .. } => model,
        }
    }
}

/// Builds the image and pushes it; where it can be pulled from, digest and all, goes to the standard output.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    // What cannot be pushed to is told before anything is read or built.
    Sending::from_environment()?;
    let named = settings.reference.as_deref().map(target).transpose()?;
    let mut prepared = prepare(settings.build).await?;
    let target = Target::of(named, &prepared.project.config, &Said::by_environment())?;
    let reference = target.image().clone();
    prepared.plan.image = reference.to_string();
    let mut said = io::stderr();
    for warning in &prepared.plan.warnings {
        writeln!(said, "warning: {warning}")?;
    }
    if let (Target::Model { model, .. }, Some(weights)) = (&target, &prepared.weights) {
        let registry = Registry::of(model, prepared.plan.certificates.as_ref()).await?;
        weights::all_there(&registry, model.name(), weights).await?;
    }
    writeln!(said, "Building {}", target.name())?;
    let output = prepared.registry(reference.clone(), settings.gate);
    let built = prepared.build(output, settings.progress.renderer().as_mut()).await;
    let digest = match built {
        Ok(built) => {
            if built.unchanged {
                writeln!(said, "{reference} is unchanged")?;
            }
            built.digest.unwrap_or_default()
        }
        // A model's index goes straight to the registry or not at all.
        Err(build::Error::Registry(error))
            if error.is_unreachable()
                && matches!(target, Target::Image(_))
                // By way of the engine nothing can be compared.
                && settings.gate == Gate::Warn =>
        {
            through_engine(&prepared, error, settings.progress).await?
        }
        Err(error) => return Err(error.into()),
    };
    let pinned = format!("{}@{digest}", reference.name());
    let answer = match &target {
        Target::Image(_) => {
            writeln!(said, "  image  {pinned}")?;
            pinned
        }
        Target::Model { model, .. } => {
            let digest = bundle(&prepared, model, &digest).await?;
            let weights = prepared.weights.iter().flat_map(|lock| &lock.weights);
            let weights =
                weights.map(|entry| format!("weight  {}  {}@{}", entry.name, model.name(), entry.digest));
            let parts: Vec<String> = [format!("image   {pinned}")].into_iter().chain(weights).collect();
            writeln!(said, "  model   {model}")?;
            for (number, part) in parts.iter().enumerate() {
                let branch = if number + 1 == parts.len() { "└" } else { "├" };
                writeln!(said, "  {branch}─ {part}")?;
            }
            format!("{}@{digest}", model.name())
        }
    };
    if is_replicates(reference.registry()) {
        writeln!(said, "Run it on Replicate: https://replicate.com/{}", reference.repository())?;
    }
    writeln!(io::stdout(), "{answer}")?;
    Ok(ExitCode::SUCCESS)
}

/// Pushes the index of a model whose image is in its registry under `image`; its digest.
async fn bundle(prepared: &Prepared, model: &Reference, image: &str) -> anyhow::Result<String> {
    let registry = Registry::of(model, prepared.plan.certificates.as_ref()).await?;
    let manifest = registry.manifest(image).await?.ok_or_else(|| Error::Lost(image.to_owned()))?;
    let member = Member {
        media_type: manifest.media_type,
        size: manifest.bytes.len() as u64,
        digest: manifest.digest,
        annotations: BTreeMap::new(),
        platform: Platform {
            architecture: prepared.plan.platform.architecture().to_owned(),
            os: "linux".to_owned(),
        },
        artifact_type: None,
    };
    let weights = prepared.weights.iter().flat_map(|lock| &lock.weights).map(Entry::member);
    let members: Vec<Member> = [member].into_iter().chain(weights).collect();
    let index = Index::of(&members)?;
    registry.put(&index.bytes, INDEX, &index.digest, model.tag_or_latest()).await?;
    Ok(index.digest)
}

/// Pushes by way of the engine, which may know a way to a registry that this program does not: a proxy of its own, a
/// certificate, permission to do without one. Where that leads nowhere either, what failed at first is what counts.
async fn through_engine(
    prepared: &Prepared,
    first: crate::registry::Error,
    progress: Mode,
) -> Result<String, crate::registry::Error> {
    let Ok(engine) = docker::connect().await else { return Err(first) };
    let _unheard =
        writeln!(io::stderr(), "warning: {first}; trying by way of the engine, which compares no schemas");
    let output = Output::Docker(Arc::clone(&engine));
    let Ok(built) = prepared.build(output, progress.renderer().as_mut()).await else { return Err(first) };
    engine.push(&built.image, progress.renderer().as_mut()).await.map_err(|_| first)
}

/// The place that a name stands for.
pub(super) fn target(text: &str) -> Result<Reference, Error> {
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
