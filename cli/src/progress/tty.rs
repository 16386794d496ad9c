//! Progress on a terminal: a line for each thing under way, kept up to date in place.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};

use super::name::{cut, engines_own, is_internal, one_line};
use super::transcript::Transcript;
use crate::engine::{Event, LayerState, Progress};

/// Longest name of a step under way, in characters, so that its last words fit beside it.
const NARROW: usize = 56;

/// Draws in place; leaves only what ended when it is dropped.
pub struct Terminal {
    screen: MultiProgress,
    bars: HashMap<String, ProgressBar>,
    transcript: Transcript,
}

impl Terminal {
    /// Draws on the standard error stream.
    pub fn new() -> Self {
        Self { screen: MultiProgress::new(), bars: HashMap::new(), transcript: Transcript::default() }
    }

    fn say(&self, line: &str) {
        self.write(line.as_bytes());
    }

    /// Writes above what is drawn, unchanged: a compiler's words are there to be copied.
    fn write(&self, text: &[u8]) {
        self.screen.suspend(|| {
            let mut out = io::stderr().lock();
            // A terminal that went away is no reason to stop.
            let _ = out.write_all(text);
            if !text.ends_with(b"\n") {
                let _ = out.write_all(b"\n");
            }
        });
    }

    fn begin(&mut self, id: &str, name: &str) {
        self.transcript.begin(id, name);
        if is_internal(name) {
            return;
        }
        let bar = self.screen.add(ProgressBar::new_spinner());
        bar.set_style(style("{spinner} {prefix} {elapsed:>4} {wide_msg:.dim}"));
        bar.set_prefix(cut(&one_line(name), NARROW));
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bars.insert(id.to_owned(), bar);
    }

    fn output(&mut self, id: &str, bytes: &[u8]) {
        self.transcript.write(id, bytes);
        let text = String::from_utf8_lossy(bytes);
        let last = text.split(['\n', '\r']).rfind(|line| !line.trim().is_empty());
        if let (Some(bar), Some(last)) = (self.bars.get(id), last) {
            bar.set_message(last.trim().to_owned());
        }
    }

    fn end(&mut self, id: &str, cached: bool, took: Duration, error: Option<&str>) {
        let step = self.transcript.end(id);
        if let Some(bar) = self.bars.remove(id) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        let name = one_line(&step.name);
        match error {
            Some(error) if error.contains("context canceled") => {}
            Some(error) => {
                self.say(&format!("✗ {name} {:.1} s", took.as_secs_f64()));
                if !step.output.is_empty() {
                    self.write(&step.output);
                }
                if let Some(reason) = engines_own(error) {
                    self.say(reason);
                }
            }
            None if is_internal(&step.name) => {}
            None if cached => self.say(&format!("✔ {name} (cached)")),
            None => self.say(&format!("✔ {name} {:.1} s", took.as_secs_f64())),
        }
    }

    fn layer(&mut self, id: &str, state: LayerState, current: u64, total: u64) {
        let bar = self.bars.entry(id.to_owned()).or_insert_with(|| {
            let bar = self.screen.add(ProgressBar::new(total));
            bar.set_style(style("  {prefix} {bar:30} {bytes:>10}/{total_bytes:<10} {msg:.dim}"));
            bar.set_prefix(id.to_owned());
            bar
        });
        if total > 0 {
            bar.set_length(total);
            bar.set_position(current);
        }
        bar.set_message(match state {
            LayerState::Waiting => "waiting",
            LayerState::Moving => "",
            LayerState::Unpacking => "unpacking",
            LayerState::Exists => "already there",
            LayerState::Done => "done",
        });
        if matches!(state, LayerState::Exists | LayerState::Done) {
            bar.finish();
        }
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Progress for Terminal {
    fn event(&mut self, event: Event) {
        match event {
            Event::StepStarted { id, name } => self.begin(&id, &name),
            Event::StepLog { id, bytes } => self.output(&id, &bytes),
            Event::StepTransfer { id, what, current, total } => {
                if let Some(bar) = self.bars.get(&id) {
                    let total = if total > 0 { format!("/{}", HumanBytes(total)) } else { String::new() };
                    bar.set_message(format!("{what} {}{total}", HumanBytes(current)));
                }
            }
            Event::StepFinished { id, cached, took, error } => self.end(&id, cached, took, error.as_deref()),
            Event::Layer { id, state, current, total } => self.layer(&id, state, current, total),
            Event::Warning(text) => self.say(&format!("warning: {text}")),
            Event::Note(text) => self.say(&text),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.screen.clear();
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("bars", &self.bars.len()).finish()
    }
}
