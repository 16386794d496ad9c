//! Progress as lines: one when a step starts, one when it ends, and of what steps write as much as is asked for.

use std::collections::HashMap;
use std::io::Write;

use super::name::{engines_own, is_internal, one_line};
use super::transcript::Transcript;
use crate::engine::{Event, LayerState, Progress};

/// Writes lines.
#[derive(Debug)]
pub struct Plain<W: Write + Send> {
    out: W,
    detail: Detail,
    transcript: Transcript,
    layers: HashMap<String, LayerState>,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Failures, each with all that its step wrote.
    Failures,
    /// That and every start and end.
    Steps,
    /// Every start and end, and everything that steps write, as they write it.
    Everything,
}

impl<W: Write + Send> Plain<W> {
    /// Writes that much to `out`.
    pub fn new(out: W, detail: Detail) -> Self {
        Self { out, detail, transcript: Transcript::default(), layers: HashMap::new() }
    }

    fn line(&mut self, text: &str) {
        if self.detail != Detail::Failures {
            self.always(text.as_bytes());
        }
    }

    fn always(&mut self, text: &[u8]) {
        // Nobody reads along any more; the work goes on.
        let _ = self.out.write_all(text).and_then(|()| match text.last() {
            Some(b'\n') => Ok(()),
            _ => self.out.write_all(b"\n"),
        });
    }

    fn layer(&mut self, id: String, state: LayerState) {
        let seen = self.layers.insert(id.clone(), state) == Some(state);
        match state {
            LayerState::Exists if !seen => self.line(&format!("{id}: already there")),
            LayerState::Done if !seen => self.line(&format!("{id}: done")),
            _ => {}
        }
    }
}

impl<W: Write + Send> Progress for Plain<W> {
    fn event(&mut self, event: Event) {
        match event {
            Event::StepStarted { id, name } => {
                if !is_internal(&name) {
                    self.line(&one_line(&name));
                }
                self.transcript.begin(&id, &name);
            }
            Event::StepLog { id, bytes } => {
                self.transcript.write(&id, &bytes);
                if self.detail == Detail::Everything {
                    let lines = self.transcript.take_lines(&id);
                    if !lines.is_empty() {
                        self.always(&lines);
                    }
                }
            }
            Event::StepFinished { id, cached, took, error } => {
                let step = self.transcript.end(&id);
                let name = one_line(&step.name);
                if self.detail == Detail::Everything && !step.output.is_empty() {
                    self.always(&step.output);
                }
                match error {
                    Some(error) if error.contains("context canceled") => {}
                    Some(error) => {
                        self.always(format!("{name}: failed after {:.1} s", took.as_secs_f64()).as_bytes());
                        if self.detail != Detail::Everything && !step.output.is_empty() {
                            self.always(&step.output);
                        }
                        if let Some(reason) = engines_own(&error) {
                            self.always(reason.as_bytes());
                        }
                    }
                    None if is_internal(&step.name) => {}
                    None if cached => self.line(&format!("{name}: cached")),
                    None => self.line(&format!("{name}: done in {:.1} s", took.as_secs_f64())),
                }
            }
            Event::Layer { id, state, .. } => self.layer(id, state),
            Event::Warning(text) => self.line(&format!("warning: {text}")),
            Event::Note(text) => self.line(&text),
            Event::StepTransfer { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::time::Duration;

    use super::*;

    fn started(id: &str, name: &str) -> Event {
        Event::StepStarted { id: id.to_owned(), name: name.to_owned() }
    }

    fn finished(id: &str, error: Option<&str>) -> Event {
        let took = Duration::from_millis(1_500);
        Event::StepFinished { id: id.to_owned(), cached: false, took, error: error.map(str::to_owned) }
    }

    fn log(id: &str, text: &str) -> Event {
        Event::StepLog { id: id.to_owned(), bytes: text.into() }
    }

    fn shown(mut plain: Plain<Vec<u8>>, events: Vec<Event>) -> String {
        for event in events {
            plain.event(event);
        }
        String::from_utf8(plain.out).unwrap()
    }

    fn events() -> Vec<Event> {
        vec![
            started("i", "[internal] load build definition"),
            finished("i", None),
            started("a", "[builder 1/2] RUN apt-get install"),
            log("a", "Unpacking…\n"),
            finished("a", None),
            started("b", "[builder 2/2] RUN cargo build"),
            started("c", "[final 1/2] RUN beside"),
            log("b", "error[E0308]: mismatched "),
            log("b", "types\n  --> src/main.rs:3:5\n"),
            finished("c", Some("context canceled")),
            finished("b", Some("exit code: 101")),
        ]
    }

    #[test]
    fn the_output_of_the_failing_step_is_whole_and_of_no_other() {
        assert_eq!(
            shown(Plain::new(Vec::new(), Detail::Steps), events()),
            "[builder 1/2] RUN apt-get install\n\
             [builder 1/2] RUN apt-get install: done in 1.5 s\n\
             [builder 2/2] RUN cargo build\n\
             [final 1/2] RUN beside\n\
             [builder 2/2] RUN cargo build: failed after 1.5 s\n\
             error[E0308]: mismatched types\n  --> src/main.rs:3:5\n"
        );
    }

    #[test]
    fn what_the_engine_failed_at_itself_is_told() {
        let network = "failed to create endpoint x on network bridge: no such device";
        let events = vec![started("a", "[builder 1/1] RUN make"), finished("a", Some(network))];
        assert_eq!(
            shown(Plain::new(Vec::new(), Detail::Failures), events),
            format!("[builder 1/1] RUN make: failed after 1.5 s\n{network}\n")
        );
    }

    #[test]
    fn quiet_is_quiet_but_for_a_failure() {
        assert_eq!(
            shown(Plain::new(Vec::new(), Detail::Failures), events()),
            "[builder 2/2] RUN cargo build: failed after 1.5 s\n\
             error[E0308]: mismatched types\n  --> src/main.rs:3:5\n"
        );
    }

    #[test]
    fn everything_comes_as_it_is_written_in_whole_lines() {
        assert_eq!(
            shown(Plain::new(Vec::new(), Detail::Everything), events()),
            "[builder 1/2] RUN apt-get install\n\
             Unpacking…\n\
             [builder 1/2] RUN apt-get install: done in 1.5 s\n\
             [builder 2/2] RUN cargo build\n\
             [final 1/2] RUN beside\n\
             error[E0308]: mismatched types\n  --> src/main.rs:3:5\n\
             [builder 2/2] RUN cargo build: failed after 1.5 s\n"
        );
    }

    #[test]
    fn a_layer_is_told_of_when_it_is_there() {
        let layer = |state, current| Event::Layer { id: "3f4e".to_owned(), state, current, total: 10 };
        let events = vec![
            layer(LayerState::Waiting, 0),
            layer(LayerState::Moving, 5),
            layer(LayerState::Done, 10),
            layer(LayerState::Done, 10),
        ];
        assert_eq!(shown(Plain::new(Vec::new(), Detail::Steps), events), "3f4e: done\n");
    }
}
