//! What the command line says.

use std::time::Duration;

use cog_tests::report::arguments::{number, refuse};
use cog_tests::report::machine;

use crate::reference;

/// How to measure.
pub(crate) struct Options {
    /// How often everything is measured.
    pub(crate) rounds: usize,
    /// How long each load lasts.
    pub(crate) time: Duration,
    /// Whether to leave out what takes minutes to compile.
    pub(crate) small: bool,
    /// The port on which this very program is to be the bare handler.
    pub(crate) bare: Option<u16>,
}

impl Options {
    /// What was measured where and when, for whoever reads the tables later.
    pub(crate) fn heading(&self) -> String {
        let (machine, reference) = (machine::described(), reference::VERSION);
        let (rounds, seconds) = (self.rounds, self.time.as_secs());
        format!("{machine}; reference {reference}; medians of {rounds} rounds, {seconds} s of each load")
    }

    /// Reads the arguments; ends the program where they are none of its own.
    pub(crate) fn from_arguments() -> Self {
        let mut options = Self { rounds: 5, time: Duration::from_secs(2), small: false, bare: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => options.rounds = number(&argument, arguments.next()),
                "--seconds" => options.time = Duration::from_secs(number(&argument, arguments.next())),
                "--small" => options.small = true,
                "--bare" => options.bare = Some(number(&argument, arguments.next())),
                // Cargo's own word for what it runs.
                "--bench" => {}
                other => refuse(&format!("`{other}` is none of --rounds N, --seconds N, --small")),
            }
        }
        options
    }
}
