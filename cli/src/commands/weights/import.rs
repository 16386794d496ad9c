//! `cog weights import`: from sources to the store, the lock file and the registry.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{chosen, registry, repository};
use crate::build::ProjectLock;
use crate::context::trust::Certificates;
use crate::progress::Mode;
use crate::project::ProjectFile;
use crate::size::Size;
use crate::weights::{self, Error, Imported, Store, Teller};

/// What `cog weights import` was asked.
#[derive(Debug)]
pub struct Settings {
    /// Where to look for the project.
    pub directory: PathBuf,
    /// The weights; none for all.
    pub names: Vec<String>,
    /// `--dry-run`.
    pub dry_run: bool,
    /// `--verbose`.
    pub verbose: bool,
}

/// Imports weights and sends them.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let project = ProjectFile::find(&settings.directory)?;
    chosen(&project, &settings.names)?;
    let repository = repository(&project.config)?;
    let mut said = io::stderr();
    let _lock = ProjectLock::take(&project.directory, Mode::Auto.renderer().as_mut()).await?;
    let store = Store::open()?;
    let _used = store.used_by(&project.directory)?;
    let (work, names, keeper) = (project.clone(), settings.names.clone(), store.clone());
    let (certificates, (teller, told)) = (Certificates::from_environment()?, Teller::new());
    let imported = tokio::task::spawn_blocking(move || {
        let wanted = chosen(&work, &names)?;
        let all = &work.config.weights;
        let certificates = certificates.as_ref();
        weights::import(&work.directory, all, &wanted, certificates, &keeper, settings.dry_run, &teller)
    });
    let imported = told.while_at(imported, Mode::Auto.renderer().as_mut()).await;
    let mut imported = imported.map_err(|_| Error::Thread)??;
    tell(&imported, settings.verbose, &mut said)?;
    if settings.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(said, "weights.lock is {}", if imported.written { "written" } else { "unchanged" })?;
    let registry = registry(&repository).await?;
    for entry in &mut imported.entries {
        writeln!(said, "Sending {} to {}", entry.name, repository.name())?;
        let (sent, there) = weights::push(&registry, entry, &store, Mode::Auto.renderer().as_mut()).await?;
        if sent != *entry {
            weights::replace(&project.directory, &sent)?;
            *entry = sent;
        }
        if there {
            writeln!(said, "{} is there already", entry.name)?;
        }
    }
    let total: u64 = imported.entries.iter().map(|entry| entry.size).sum();
    writeln!(said, "Imported {} into {}, {}", count(imported.entries.len()), repository.name(), Size(total))?;
    for entry in &imported.entries {
        writeln!(io::stdout(), "{}@{}", repository.name(), entry.digest)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn count(weights: usize) -> String {
    if weights == 1 { "1 weight".to_owned() } else { format!("{weights} weights") }
}

fn tell(imported: &Imported, verbose: bool, said: &mut impl Write) -> io::Result<()> {
    for entry in &imported.entries {
        let sign = if imported.changed.contains(&entry.name) { '+' } else { '=' };
        writeln!(
            said,
            "{sign} {}  {}  {} files, {}",
            entry.name,
            entry.target,
            entry.files.len(),
            Size(entry.size)
        )?;
        if verbose {
            for file in &entry.files {
                writeln!(said, "    {}  {}", file.path, Size(file.size))?;
            }
        }
    }
    Ok(())
}
