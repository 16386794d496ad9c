//! `cog weights`: one file for each of its commands.

use jiff::Timestamp;

use crate::config::{Config, Weight};
use crate::context::trust::Certificates;
use crate::project::ProjectFile;
use crate::reference::Reference;
use crate::reference::model::Said;
use crate::registry::Registry;
use crate::weights::Error;

pub mod import;
pub mod prune;
pub mod pull;
pub mod status;

/// The weights of those names; all of them where there are none.
fn chosen<'a>(project: &'a ProjectFile, names: &[String]) -> Result<Vec<&'a Weight>, Error> {
    let all = &project.config.weights;
    if all.is_empty() {
        return Err(Error::None);
    }
    let unknown: Vec<String> =
        names.iter().filter(|name| all.iter().all(|weight| weight.name != **name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(Error::Unknown(unknown));
    }
    Ok(all.iter().filter(|weight| names.is_empty() || names.contains(&weight.name)).collect())
}

/// The repository of a model: where it is pushed to, its weights are.
fn repository(config: &Config) -> anyhow::Result<Reference> {
    let model = config.model.as_deref().ok_or(Error::NoModel)?;
    let named = Said::by_environment().reference(Some(model), None, Timestamp::now())?;
    Ok(named.ok_or(Error::NoModel)?)
}

async fn registry(reference: &Reference) -> anyhow::Result<Registry> {
    Ok(Registry::of(reference, Certificates::from_environment()?.as_ref()).await?)
}
