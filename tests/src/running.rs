//! A program that runs beside the test.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{Outcome, processes};

/// A running program; killed with all that it started when the test lets go of it.
#[derive(Debug)]
pub struct Running {
    line: String,
    mark: String,
    child: Child,
    /// Kept for its being open.
    _stdin: Option<ChildStdin>,
    stdout: Capture,
    stderr: Capture,
}

impl Running {
    pub(crate) fn start(line: String, mut command: Command, stdin: Vec<u8>, stays_open: bool) -> Self {
        let mark = processes::new_mark();
        let mut child = command
            .env(processes::MARK, &mark)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("`{line}` did not start: {error}"));
        let mut stdin_pipe = child.stdin.take();
        if !stays_open && let Some(mut pipe) = stdin_pipe.take() {
            // A program need not read what it is given.
            std::thread::spawn(move || pipe.write_all(&stdin));
        }
        let stdout = Capture::of(child.stdout.take());
        let stderr = Capture::of(child.stderr.take());
        Self { line, mark, child, _stdin: stdin_pipe, stdout, stderr }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has written `text` to either stream.
    pub fn wait_until_it_says(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let ended = self.child.try_wait().expect("a child can be waited for");
            if self.stderr.text().contains(text) || self.stdout.text().contains(text) {
                return;
            }
            assert!(ended.is_none(), "`{}` ended before it said {text:?}{}", self.line, self.said());
            assert!(
                start.elapsed() < Duration::from_secs(600),
                "`{}` never said {text:?}{}",
                self.line,
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses Ctrl-C: the signal goes to the whole group, as a terminal sends it.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        // An empty group has ended by itself, which the test will see in its outcome.
        let _ = kill_process_group(self.pid(), signal);
    }

    /// Sends a signal to the program alone.
    pub fn signal_alone(&self, signal: Signal) {
        let _ = rustix::process::kill_process(self.pid(), signal);
    }

    /// Waits for its end.
    #[must_use = "say what should have come of it"]
    pub fn finish_within(mut self, limit: Duration) -> Outcome {
        let start = Instant::now();
        let status: ExitStatus = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            assert!(start.elapsed() < limit, "`{}` still runs after {limit:?}{}", self.line, self.said());
            std::thread::sleep(Duration::from_millis(10));
        };
        let (line, mark, id) = (self.line.clone(), self.mark.clone(), self.child.id());
        Outcome::new(line, mark, id, status, self.stdout.end(), self.stderr.end())
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn said(&self) -> String {
        format!("\n--- stdout\n{}\n--- stderr\n{}", self.stdout.text(), self.stderr.text())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process_group(self.pid(), Signal::TERM);
            let patience = Instant::now() + Duration::from_secs(10);
            while Instant::now() < patience && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = kill_process_group(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// A stream being read to its end.
#[derive(Debug)]
struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let reader = stream.map(|mut stream| {
            let bytes = Arc::clone(&bytes);
            std::thread::spawn(move || {
                let mut chunk = [0; 65536];
                while let Ok(length @ 1..) = stream.read(&mut chunk) {
                    bytes.lock().expect("no reader panics").extend_from_slice(&chunk[..length]);
                }
            })
        });
        Self { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("no reader panics")).into_owned()
    }

    /// Everything, once the stream is closed or, when a descendant keeps it open, a moment later.
    fn end(&mut self) -> Vec<u8> {
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && self.reader.as_ref().is_some_and(|reader| !reader.is_finished()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::mem::take(&mut self.bytes.lock().expect("no reader panics"))
    }
}
