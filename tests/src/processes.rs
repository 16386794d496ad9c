//! Which processes a run has left behind.
//!
//! A run is known by a variable in its environment, which every process it starts inherits: no process hides by
//! changing its group or its parent.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The variable that marks a run.
pub const MARK: &str = "COG_TESTS_RUN";

/// A mark that no other run has.
pub(crate) fn new_mark() -> String {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed))
}

/// The command lines of the living processes that bear `mark`.
pub fn marked(mark: &str) -> Vec<String> {
    let wanted = format!("{MARK}={mark}").into_bytes();
    numbers()
        .filter(|id| {
            std::fs::read(format!("/proc/{id}/environ"))
                .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == wanted))
        })
        .filter(|id| state(*id) != Some('Z'))
        .map(command_line)
        .collect()
}

/// The children of a process, zombies too.
pub fn children(parent: u32) -> Vec<u32> {
    numbers().filter(|id| field(*id, 1).is_some_and(|field| field == parent.to_string())).collect()
}

/// The state of a process as the kernel writes it (`R`, `S`, `Z`, …); `None` when there is no such process.
pub fn state(id: u32) -> Option<char> {
    field(id, 0)?.chars().next()
}

/// For how long a process has kept a processor busy.
pub fn work(id: u32) -> Duration {
    let ticks = |n| field(id, n).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // In user mode and in the kernel; a tick is a hundredth of a second wherever Linux runs.
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

fn command_line(id: u32) -> String {
    let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    format!("{id} {}", String::from_utf8_lossy(&line).replace('\0', " "))
}

fn numbers() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The nth field after the command's name in `/proc/ID/stat`.
fn field(id: u32, n: usize) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(n).map(str::to_owned)
}

/// Lets this process, and those it starts from now on, open as many files and connections as the system allows; gives
/// how many that are.
pub fn allow_many_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it cannot be raised, the test that needs it says so by failing.
    let _refused = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    limit.maximum.unwrap_or(u64::MAX)
}
