//! `cog dockerfile`: the text of the Dockerfile that `cog build` would use.

use std::path::Path;

use crate::context::trust::Certificates;
use crate::plan::{Options, Plan};
use crate::project::Project;

/// The Dockerfile of the project at `directory`, for stdout.
///
/// # Errors
/// Whatever keeps the project from being planned.
pub fn text(directory: &Path, certificates: Option<Certificates>) -> anyhow::Result<String> {
    let project = Project::load(directory)?;
    let plan = Plan::new(&project, &Options { certificates, ..Options::default() })?;
    Ok(crate::dockerfile::render(&plan)?)
}
