//! The lives of a model's executable.

use std::process::ExitCode;

use serde_json::Value;

use crate::command::{self, Command, Mode};
use crate::document::document;
use crate::model::Predictor;
use crate::settings::concurrency;
use crate::worker;

/// Lives one of a model executable's lives, as its arguments say: by default it serves predictions over HTTP.
///
/// ```text
/// MODEL [serve]            serve on 0.0.0.0:$PORT (5000)
/// MODEL schema             print the OpenAPI document
/// MODEL predict -i n=v …   make one prediction without a server
/// ```
pub fn main<P: Predictor>() -> ExitCode {
    live(&Lives {
        schema: || document(&P::signature(), None),
        predict: command::predict::<P>,
        predictor: |schema| worker::start::<P>(concurrency(P::CONCURRENCY), schema),
        trainer: None,
    })
}

/// The same of a model that can be trained, too: `T` is a second predictor, whose predictions are trainings. A server
/// does one or the other: `MODEL serve --x-mode train` trains.
///
/// ```no_run
/// use cog::prelude::*;
///
/// #[cog::predict]
/// fn predict(text: String) -> String {
///     text
/// }
///
/// /// Learns from pictures.
/// #[cog::predict]
/// fn train(pictures: cog::Path, #[input(default = 3)] rounds: u32) -> Result<cog::Path> {
/// #   drop(pictures); drop(rounds);
///     Ok("weights.safetensors".into())
/// }
///
/// fn main() -> ExitCode {
///     cog::main_with_training::<predict, train>()
/// }
/// ```
pub fn main_with_training<P: Predictor, T: Predictor>() -> ExitCode {
    live(&Lives {
        schema: || document(&P::signature(), Some(&T::signature())),
        predict: command::predict::<P>,
        predictor: |schema| worker::start::<P>(concurrency(P::CONCURRENCY), schema),
        trainer: Some(|schema| worker::start::<T>(concurrency(T::CONCURRENCY), schema)),
    })
}

/// What the lives need of a model's types.
struct Lives {
    schema: fn() -> Value,
    predict: fn(command::Predict) -> ExitCode,
    /// The worker that predicts, given the document.
    predictor: fn(&Value) -> ExitCode,
    /// The one that trains.
    trainer: Option<fn(&Value) -> ExitCode>,
}

fn live(lives: &Lives) -> ExitCode {
    match command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve(serve)) if serve.mode == Mode::Train && lives.trainer.is_none() => {
            command::complain(
                "this model has nothing to train: `cog::main_with_training` gives it a trainer",
            );
            ExitCode::from(2)
        }
        Ok(Command::Serve(serve)) => command::serve(&serve),
        Ok(Command::Worker(mode)) => {
            let trainer = lives.trainer.filter(|_| mode == Mode::Train);
            trainer.unwrap_or(lives.predictor)(&(lives.schema)())
        }
        Ok(Command::Schema) => command::print(&format!("{}\n", (lives.schema)())),
        Ok(Command::Predict(predict)) => (lives.predict)(predict),
        Ok(Command::Help) => command::print(command::USAGE),
        Ok(Command::Version) => command::print(&format!("cog (Rust) {}\n", crate::document::VERSION)),
        Err(fault) => {
            command::complain(&format!("{fault}\n\n{}", command::USAGE.trim_end()));
            ExitCode::from(2)
        }
    }
}
