//! The lives of a model's executable.

use std::process::ExitCode;

use crate::command::{self, Command};
use crate::model::Predictor;

/// Lives one of a model executable's lives, as its arguments say: by default it serves predictions over HTTP.
///
/// ```text
/// MODEL [serve]            serve on 0.0.0.0:$PORT (5000)
/// MODEL schema             print the OpenAPI document
/// MODEL predict -i n=v …   make one prediction without a server
/// ```
pub fn main<P: Predictor>() -> ExitCode {
    match command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve(serve)) => command::serve(&serve),
        Ok(Command::Worker) => crate::worker::start::<P>(crate::settings::concurrency(P::CONCURRENCY)),
        Ok(Command::Schema) => command::schema::<P>(),
        Ok(Command::Predict(predict)) => command::predict::<P>(predict),
        Ok(Command::Help) => command::print(command::USAGE),
        Ok(Command::Version) => command::print(&format!("cog (Rust) {}\n", crate::document::VERSION)),
        Err(fault) => {
            command::complain(&format!("{fault}\n\n{}", command::USAGE.trim_end()));
            ExitCode::from(2)
        }
    }
}
