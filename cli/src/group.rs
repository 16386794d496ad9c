//! A process group that ends with its owner.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A child process in a group of its own, and whatever it starts there; gone when this is.
///
/// A group of its own, so that a terminal's Ctrl-C reaches this program only, which then ends the group in good order.
#[derive(Debug)]
pub struct Group {
    pub child: Child,
    patience: Duration,
}

impl Group {
    /// Starts `command`. When its owner goes, the group is asked to end, and killed after `patience`.
    pub fn start(command: &mut Command, patience: Duration) -> std::io::Result<Self> {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
        #[cfg(target_os = "linux")]
        die_with_parent(command);
        Ok(Self { child: command.spawn()?, patience })
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // A group that is gone needs no signal.
            let _gone = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.patience.is_zero() && matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::TERM);
            let deadline = Instant::now() + self.patience;
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.signal(Signal::KILL);
        let _reaped = self.child.wait();
    }
}

/// Not even SIGKILL of this program leaves the child behind.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "there is no safe way to run code between fork and exec")]
fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: the closure makes one system call, which is async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(|| {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(std::io::Error::from)
        });
    }
}
