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
    let mut project = Project::load(&settings.asking.build.directory)?;
    let mut changes = Changes::of(&project)?;
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
        console.say(&format!(
            "{} changed",
            changed.strip_prefix(&project.directory).unwrap_or(&changed).display()
        ));
        if let Ok(now) = Project::load(&settings.asking.build.directory) {
            project = now;
            changes.now_of(&project)?;
        }
    }
}
