//! Commands, and how long they take.

use std::process::{Command, Stdio};
use std::time::Instant;

use cog_tests::Cog;

/// Seconds that `work` takes.
pub(crate) fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Runs `cog`, which has to succeed.
pub(crate) fn cog(line: Cog) {
    let _done = line.run().succeeds();
}

/// Runs another program, which has to succeed.
pub(crate) fn program(mut command: Command) {
    let done = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}
