//! A server that is measured.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cog_tests::{Connection, processes};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

/// A running server, ended with all that it started when it is let go of.
pub(crate) struct Server {
    child: Child,
    /// From the start of the process until it said that it is ready.
    pub(crate) start: Duration,
    pub(crate) port: u16,
    /// For its temporary files, which not every server deletes.
    _scratch: TempDir,
}

impl Server {
    /// Starts it and comes back when it is ready. Nobody reads what it prints.
    pub(crate) fn start(mut command: Command, port: u16) -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        command.env("TMPDIR", scratch.path()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
        let mut server = Self { child, start: Duration::ZERO, port, _scratch: scratch };
        while !server.is_ready() {
            let ended = server.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "{command:?} ended with {ended:?}");
            assert!(began.elapsed() < Duration::from_secs(120), "{command:?} is never ready");
            std::thread::sleep(Duration::from_micros(500));
        }
        server.start = began.elapsed();
        server
    }

    fn is_ready(&self) -> bool {
        let answer = Connection::open(self.port).and_then(|mut connection| connection.get("/health-check"));
        answer.is_ok_and(|answer| answer.text().contains(r#""status":"READY""#))
    }

    /// The memory of all its processes in bytes, each shared page counted once.
    pub(crate) fn memory(&self) -> u64 {
        family(self.child.id()).into_iter().filter_map(proportional).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error would mean that it has ended by itself, which the load would have noticed.
        let _ended = kill_process_group(Pid::from_child(&self.child), Signal::TERM);
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        for process in family(self.child.id()) {
            let process = i32::try_from(process).ok().and_then(Pid::from_raw);
            let _ended = process.map(|process| rustix::process::kill_process(process, Signal::KILL));
        }
        let _reaped = self.child.wait();
    }
}

/// A process and all that descend from it.
fn family(process: u32) -> Vec<u32> {
    let descendants = processes::children(process).into_iter().flat_map(family);
    std::iter::once(process).chain(descendants).collect()
}

fn proportional(process: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
