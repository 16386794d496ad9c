//! `cog weights pull`: from the registry to the store.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::{chosen, registry, repository};
use crate::progress::Mode;
use crate::project::ProjectFile;
use crate::size::Size;
use crate::weights::{self, Store, Teller};

/// What `cog weights pull` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// The weights; none for all.
    pub names: Vec<String>,
}

/// Pulls what this machine lacks.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let project = ProjectFile::find(&settings.directory)?;
    let wanted = chosen(&project, &settings.names)?;
    let lock = weights::check(&project.directory, &project.config.weights)?;
    let repository = repository(&project.config)?;
    let registry = Arc::new(registry(&repository).await?);
    let store = Store::open()?;
    let _used = store.used_by(&project.directory)?;
    let mut said = io::stderr();
    for entry in wanted.iter().filter_map(|weight| lock.as_ref()?.get(&weight.name)) {
        let (teller, told) = Teller::new();
        let pulling = weights::pull(&registry, entry, &store, &teller);
        let pulled = told.while_at(pulling, Mode::Auto.renderer().as_mut()).await?;
        if pulled.files == 0 {
            writeln!(said, "{} is here already, {} files", entry.name, entry.files.len())?;
        } else {
            writeln!(
                said,
                "{} is here: {} of {} files came, {} in {} layers",
                entry.name,
                pulled.files,
                entry.files.len(),
                Size(pulled.size),
                pulled.layers
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
