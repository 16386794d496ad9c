//! `cog weights prune`: out of the store with what no project needs.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::size::Size;
use crate::weights::{self, Error, Store};

/// What `cog weights prune` was asked.
#[derive(Debug)]
pub struct Settings {
    /// `--all`.
    pub all: bool,
    /// `--dry-run`.
    pub dry_run: bool,
}

/// Makes room, and says how much.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let store = Store::open()?;
    let mut said = io::stderr();
    let waiting = || {
        let _unheard = writeln!(io::stderr(), "Waiting until nothing uses the store");
    };
    let lock = store.to_oneself(waiting).await?;
    let work = tokio::task::spawn_blocking(move || weights::prune(&store, settings.all, settings.dry_run));
    let pruned = work.await.map_err(|_| Error::Thread)??;
    drop(lock);
    let went = if settings.dry_run { "Would free" } else { "Freed" };
    writeln!(said, "{went} {}, {}", Size(pruned.freed), files(pruned.files))?;
    if pruned.kept > 0 {
        let projects =
            if pruned.projects == 1 { "1 project" } else { &format!("{} projects", pruned.projects) };
        writeln!(said, "{} of {projects} stay, {}", files(pruned.kept), Size(pruned.kept_size))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
