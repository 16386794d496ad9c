//! A project made ready to be built: read, planned, written as a Dockerfile and a context.

use std::path::PathBuf;
use std::sync::Arc;

use super::builder::Builder;
use super::docker::Docker;
use super::host::{self, Host};
use super::{Built, Choice, Description, Gate, Output, Recipe, Result, source};
use crate::compile::Manner;
use crate::context::trust::Certificates;
use crate::context::{self, Context};
use crate::dockerfile;
use crate::engine::{BuildSecret, ContextTar, Event, Progress, docker};
use crate::host::Compiled;
use crate::oci::Layout;
use crate::plan::{self, Mirror, Options, Plan, Platform};
use crate::project::Project;
use crate::reference::Reference;
use crate::weights::{self, Lock};

/// What a command asks of a build.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// `-t`.
    pub tag: Option<String>,
    /// `--builder`.
    pub builder: Choice,
    /// Have a system around the model, with a shell.
    pub system: bool,
    /// `--platform`.
    pub platform: Platform,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--progress quiet`: whatever builds keeps its words to faults.
    pub quiet: bool,
    /// `--secret`.
    pub secrets: Vec<BuildSecret>,
    /// Certificates of `COG_CA_CERT`.
    pub certificates: Option<Certificates>,
    /// `COG_IMAGE_MIRROR`.
    pub mirror: Option<Mirror>,
}

/// A project and its plan; nothing has been asked of an engine yet.
#[derive(Debug)]
pub struct Prepared {
    /// The project.
    pub project: Project,
    /// What a build of it does.
    pub plan: Plan,
    /// Its weights as they were imported, where it has any.
    pub weights: Option<Lock>,
    settings: Settings,
}

/// Reads and plans the project that `settings` name. Weights that are not those of its lock file are told.
pub async fn prepare(settings: Settings) -> Result<Prepared> {
    prepare_of(Project::load(&settings.directory)?, settings).await
}

/// Plans a project that has been read.
pub async fn prepare_of(project: Project, settings: Settings) -> Result<Prepared> {
    let weights = weights::check(&project.directory, &project.config.weights)?;
    let options = Options {
        tag: settings.tag.clone(),
        certificates: settings.certificates.clone(),
        secrets: settings.secrets.iter().filter_map(|secret| secret.file()).collect(),
        platform: settings.platform,
        mirror: settings.mirror.clone(),
        system: settings.system,
        anew: settings.no_cache,
        origin: source::origin(&project.directory).await,
    };
    let plan = Plan::new(&project, &options)?;
    Ok(Prepared { project, plan, weights, settings })
}

impl Prepared {
    /// Builds it. `cog build`, `cog push`, `cog predict` and `cog serve` of a project all make this same image: the name
    /// never stands for anything less.
    pub async fn build(&self, output: Output, progress: &mut dyn Progress) -> Result<Built> {
        // Told before anything is compiled.
        if let Output::Oci(directory) = &output {
            Layout::fits(directory).map_err(crate::host::Error::from)?;
        }
        let model = self.compile(progress).await?;
        self.build_of(model, output, progress).await
    }

    /// Compiles the model where this machine's cargo is what compiles it for the image, and nothing where an engine does.
    pub async fn compile(&self, progress: &mut dyn Progress) -> Result<Option<Compiled>> {
        let (choice, reason) = self.settings.builder.of(&self.project, &self.plan)?;
        if let Some(reason) = reason {
            progress.event(Event::Note(format!("The engine builds this: {reason}")));
        }
        match choice {
            Choice::Host => {
                let manner =
                    Manner { anew: self.settings.no_cache, locked: true, quiet: self.settings.quiet };
                Ok(Some(host::compile(self, manner, progress).await?))
            }
            Choice::Docker | Choice::Auto => Ok(None),
        }
    }

    /// Builds it of what [`Self::compile`] gave.
    pub async fn build_of(
        &self,
        model: Option<Compiled>,
        output: Output,
        progress: &mut dyn Progress,
    ) -> Result<Built> {
        for id in self.missing_secrets() {
            let text = format!(
                "a `run` step mounts secret `{id}`, which was not given: `--secret id={id},src=FILE`"
            );
            progress.event(Event::Warning(text));
        }
        for (path, target) in context::assets(&self.project, &self.plan.secrets)?.strays() {
            let text = format!(
                "`{path}` is a link to `{}`, which is not in the project and so not in the image: put the file itself \
                 there, or name it under `weights` in cog.yaml",
                target.display()
            );
            progress.event(Event::Warning(text));
        }
        let builder: Box<dyn Builder> = match model {
            Some(model) => Box::new(Host { model, output }),
            None => {
                let engine = match &output {
                    Output::Docker(engine) => Arc::clone(engine),
                    Output::Oci(_) | Output::Registry { .. } => docker::connect().await?,
                };
                Box::new(Docker { engine, output })
            }
        };
        builder.build(self, progress).await
    }

    /// The registry that `reference` names, as a place to build into.
    pub fn registry(&self, reference: Reference, gate: Gate) -> Output {
        Output::Registry { reference, certificates: self.plan.certificates.clone(), gate }
    }

    /// Secrets that steps mount and nobody gave; the builder leaves them out without a word.
    fn missing_secrets(&self) -> Vec<&str> {
        let given = |id: &str| self.settings.secrets.iter().any(|secret| secret.id == id);
        let wanted = self.plan.run.iter().flat_map(|step| &step.mounts).map(|mount| mount.id.as_str());
        wanted.filter(|id| !given(id)).collect()
    }

    /// The build as an engine is asked for it.
    pub fn recipe(&self) -> Result<Recipe> {
        let text = dockerfile::render(&self.plan)?;
        let context = Context::collect(&self.project, &self.plan, &text)?;
        Ok(Recipe {
            image: self.plan.image.clone(),
            platform: self.plan.platform,
            dockerfile: text,
            dockerfile_path: dockerfile::PATH.to_owned(),
            context: ContextTar::new(move |out| context.write(out).map_err(std::io::Error::other)),
            labels: self.plan.labels.clone(),
            schema_path: plan::SCHEMA.to_owned(),
            directory: self.project.directory.clone(),
            no_cache: self.settings.no_cache,
            secrets: self.settings.secrets.clone(),
            large: context::assets(&self.project, &self.plan.secrets)?.large,
            description: Description::of(&self.project, self.weights.as_ref()),
        })
    }
}
