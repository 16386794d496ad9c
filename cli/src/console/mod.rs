//! What a person sees while a model works: its log, dimmed, and what it is busy with, on the standard error stream; its
//! answer, as it comes, on the standard output.
//!
//! Owns how the two streams get along on one terminal. Refuses to know what an answer means, and decorates nothing
//! that no terminal shows.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The two streams; copies of it are one and the same.
#[derive(Clone)]
pub struct Console {
    state: Arc<Mutex<State>>,
    dims: bool,
    live: bool,
    shared: bool,
}

#[derive(Default)]
struct State {
    /// What is drawn in place, at the bottom of the terminal.
    waiting: Option<ProgressBar>,
    /// Whether a line of the answer is unfinished on the terminal that the log goes to, too.
    line_open: bool,
}

impl Console {
    /// For the streams of this process; `quiet` draws nothing in place.
    pub fn new(quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let coloured = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        let smart = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            state: Arc::default(),
            dims: terminal && coloured,
            live: terminal && smart && !quiet,
            shared: terminal && io::stdout().is_terminal(),
        }
    }

    /// Whether a log has to pass through here to look as it should, rather than go its own way.
    pub fn wants_log(&self) -> bool {
        self.dims || self.live || self.shared
    }

    /// Shows some of a model's log.
    pub fn log(&self, bytes: &[u8]) {
        let mut state = self.state();
        // A log that nobody reads any more is no reason to stop.
        let _unread = state.above(|out| {
            if !self.dims {
                return out.write_all(bytes);
            }
            let text = bytes.strip_suffix(b"\n");
            out.write_all(b"\x1b[2m")?;
            out.write_all(text.unwrap_or(bytes))?;
            out.write_all(b"\x1b[0m")?;
            out.write_all(if text.is_some() { b"\n" } else { b"" })
        });
    }

    /// Says something about the work.
    pub fn say(&self, text: &str) {
        let _unread = self.state().above(|out| writeln!(out, "{text}"));
    }

    /// Prints a piece of the answer at once. May block for as long as nobody reads.
    pub fn print(&self, text: &str) -> io::Result<()> {
        {
            let mut state = self.state();
            state.clear();
            state.line_open = self.shared && !text.ends_with('\n');
        }
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Shows what is being waited for, in place, where that can be shown.
    pub fn wait_for(&self, what: &str) {
        if !self.live {
            return;
        }
        let mut state = self.state();
        let bar = state.waiting.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.message() != what {
            bar.set_message(what.to_owned());
        }
    }

    /// The wait is over.
    pub fn waited(&self) {
        self.state().clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn clear(&mut self) {
        if let Some(bar) = self.waiting.take() {
            bar.finish_and_clear();
        }
    }

    /// Writes above what is drawn in place, on a line of its own.
    fn above(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let open = std::mem::take(&mut self.line_open);
        let attempt = || {
            let mut out = io::stderr().lock();
            if open {
                out.write_all(b"\n")?;
            }
            write(&mut out)
        };
        match &self.waiting {
            Some(bar) => bar.suspend(attempt),
            None => attempt(),
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("dims", &self.dims).field("live", &self.live).finish_non_exhaustive()
    }
}
