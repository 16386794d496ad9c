//! `cog serve --watch`: the model follows its source, and callers do not notice.
//!
//! While there is no model to ask, requests wait at the front. A model that has nothing to answer makes way before the
//! next one starts, so that the two never share a memory too small for both; one that has answers it to the end beside
//! its successor.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::start::{self, Made};
use super::{Error, Settings, shown};
use crate::console::Console;
use crate::failure;
use crate::local::LOOPBACK;
use crate::model::Running;
use crate::project::Project;
use crate::watch::{Change, Changes, Front};

/// How long setup may take; whoever watches sees how it goes, and can change the source meanwhile.
const SETUP: Duration = Duration::from_secs(24 * 60 * 60);

/// Serves whatever the source says until the future is dropped.
pub(super) async fn run(
    settings: &Settings,
    address: SocketAddr,
    console: &Console,
) -> anyhow::Result<ExitCode> {
    let front = Front::listen(address).await?;
    let project = Project::load(&settings.build.directory)?;
    let mut changes = Changes::of(&project)?;
    let directory = project.directory.clone();
    // As long as nothing says otherwise, it is what it was.
    let mut known = Some(project);
    let mut current: Option<Running> = None;
    console.say(&format!("Watching {}", directory.display()));
    loop {
        let outcome = tokio::select! {
            biased;
            changed = changes.next() => Err(changed?),
            outcome = next(settings, known.clone(), &front, &mut current, console) => Ok(outcome),
        };
        let changed = match outcome {
            // What was being made is out of date already.
            Err(changed) => changed,
            Ok(outcome) => {
                if let Err(error) = outcome {
                    failure::report(&error, false);
                    let instead = if current.is_some() { "; the model from before serves on" } else { "" };
                    console.say(&format!("Waiting for a change{instead}"));
                }
                rest(&mut changes, &mut current, &front, console).await?
            }
        };
        console.say(&format!("{} changed", name(&changed.path, &directory)));
        if changed.of_the_project || known.is_none() {
            // One that cannot be read says so when it is compiled.
            known = Project::load(&settings.build.directory).ok();
            if let Some(now) = &known {
                changes.now_of(now)?;
            }
        }
    }
}

/// Makes the next model, and puts it in the place of the one before.
async fn next(
    settings: &Settings,
    known: Option<Project>,
    front: &Front,
    current: &mut Option<Running>,
    console: &Console,
) -> anyhow::Result<()> {
    let made = start::made(settings, known).await?;
    let begun = Instant::now();
    let first = current.is_none();
    let before = front.hold();
    if let Some(running) = current.take() {
        if before.is_idle() {
            running.make_way().await?;
        } else {
            tokio::spawn(async move {
                before.idle().await;
                // It goes either way.
                let _gone = running.close().await;
            });
        }
    }
    let (running, port) = started(made, settings, console).await?;
    *current = Some(running);
    front.open(port);
    if first {
        console.say(&format!("Serving at {}\nPress Ctrl-C to stop.", shown(front.address())));
    } else {
        console.say(&format!("Serving the new model after {} ms", begun.elapsed().as_millis()));
    }
    Ok(())
}

async fn started(made: Made, settings: &Settings, console: &Console) -> anyhow::Result<(Running, u16)> {
    let free = TcpListener::bind((LOOPBACK, 0)).and_then(|free| free.local_addr());
    let address = free.map_err(|source| Error::Address { address: (LOOPBACK, 0).into(), source })?;
    let mut running = made.start(settings, address, console).await?;
    running.ready(SETUP).await?;
    Ok((running, address.port()))
}

/// Waits for a change, and tells when the model ends meanwhile.
async fn rest(
    changes: &mut Changes,
    current: &mut Option<Running>,
    front: &Front,
    console: &Console,
) -> anyhow::Result<Change> {
    if let Some(running) = current {
        tokio::select! {
            biased;
            changed = changes.next() => return Ok(changed?),
            how = running.end() => {
                failure::report(&Error::Ended(how?).into(), false);
                drop(front.hold());
                console.say("Waiting for a change");
            }
        }
        *current = None;
    }
    Ok(changes.next().await?)
}

/// The file as its author calls it.
fn name(path: &Path, project: &Path) -> String {
    path.strip_prefix(project).unwrap_or(path).display().to_string()
}
