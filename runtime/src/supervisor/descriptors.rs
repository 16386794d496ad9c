//! File descriptors: as many as the system allows for the server, as many as it was started with for the model.
//!
//! Many systems start everything with 1,024, because old programs do not bear more; a server of streams needs one for
//! each reader.

use std::sync::OnceLock;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

/// How many are wanted: more would only let a crowd take more memory.
const ENOUGH: u64 = 1 << 16;
/// How many are kept for what is no connection of a client's: the worker's pipes, files, downloads, webhooks.
const RESERVE: usize = 256;
/// How many connections there may be, however many descriptors there are.
const MOST_CONNECTIONS: usize = 10_240;

/// What this process was started with.
static GIVEN: OnceLock<Rlimit> = OnceLock::new();

/// Takes as many as there may be, and gives how many of them are for connections.
pub(super) fn raise() -> usize {
    let given = getrlimit(Resource::Nofile);
    let wanted = given.maximum.map_or(ENOUGH, |most| most.min(ENOUGH)).max(given.current.unwrap_or(0));
    let raised = given.current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: given.maximum }).is_ok();
    let limit = if raised { Some(wanted) } else { given.current };
    let _only_once = GIVEN.set(given);
    connections(limit)
}

/// Gives a child process what this one was started with.
#[cfg(target_os = "linux")]
pub(super) fn restore(child: Pid) {
    if let Some(given) = GIVEN.get() {
        // It can do with more.
        let _gone = rustix::process::prlimit(Some(child), Resource::Nofile, *given);
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn restore(_child: Pid) {}

fn connections(limit: Option<u64>) -> usize {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    limit.saturating_sub(RESERVE).max(limit / 2).min(MOST_CONNECTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_left_for_everything_else() {
        for (limit, most) in
            [(Some(64), 32), (Some(1024), 768), (Some(1 << 20), MOST_CONNECTIONS), (None, MOST_CONNECTIONS)]
        {
            assert_eq!(connections(limit), most, "{limit:?}");
        }
    }
}
