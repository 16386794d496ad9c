//! What the command line says.

use cog_tests::report::arguments::{number, refuse};
use cog_tests::report::machine;

/// How to measure.
pub(crate) struct Options {
    /// How often everything is measured.
    pub(crate) rounds: usize,
    /// How many megabytes of weights are pushed.
    pub(crate) megabytes: usize,
}

impl Options {
    /// What was measured where and when, for whoever reads the tables later.
    pub(crate) fn heading(&self) -> String {
        let (rounds, megabytes) = (self.rounds, self.megabytes);
        format!("{}; medians of {rounds} rounds; {megabytes} MB of weights", machine::described())
    }

    /// Reads the arguments; ends the program where they are none of its own.
    pub(crate) fn from_arguments() -> Self {
        let mut options = Self { rounds: 3, megabytes: 2000 };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => options.rounds = number(&argument, arguments.next()),
                "--megabytes" => options.megabytes = number(&argument, arguments.next()),
                // Cargo's own word for what it runs.
                "--bench" => {}
                other => refuse(&format!("`{other}` is none of --rounds N, --megabytes N")),
            }
        }
        options
    }
}
