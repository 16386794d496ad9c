//! `cog predict --watch`: the same question again whenever the source changes.

use std::process::ExitCode;

use super::{Settings, once};
use crate::console::Console;
use crate::failure;
use crate::progress::Mode;
use crate::project::Project;
use crate::watch::Changes;

/// Predicts, and again after each change, until the future is dropped.
pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let console = Console::new(settings.asking.progress == Mode::Quiet);
    let project = Project::load(&settings.asking.build.directory)?;
    let mut changes = Changes::of(&project)?;
    let project = project.directory;
    loop {
        let changed = tokio::select! {
            biased;
            // What is under way is out of date already; dropped, it leaves nothing behind.
            changed = changes.next() => changed?,
            outcome = once(settings.clone()) => {
                match outcome {
                    Err(error) if failure::is_closed_pipe(&error) => return Err(error),
                    Err(error) => failure::report(&error, false),
                    Ok(_) => {}
                }
                console.say("Waiting for a change");
                changes.next().await?
            }
        };
        let path = changed.path.strip_prefix(&project).unwrap_or(&changed.path);
        console.say(&format!("{} changed", path.display()));
        if changed.of_the_project
            && let Ok(now) = Project::load(&settings.asking.build.directory)
        {
            changes.now_of(&now)?;
        }
    }
}
