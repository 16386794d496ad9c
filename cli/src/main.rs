//! `cog`: packages machine-learning models as containers with a standard HTTP prediction API.
//!
//! The rooms, outermost first: `args` reads the command line, `commands` does one thing each, by means of `project`,
//! `config`, `plan`, `dockerfile` and `context` (what is built: values, no engine), `build`, `engine`, `host` and `oci`
//! (building it), `registry` (sending it), `local`, `model` and `watch` (running it), `inputs`, `outputs` and `console`
//! (asking it), `playground` (a page that asks it).

#![expect(unreachable_pub, reason = "in an executable, `pub` marks what a room offers to the others")]

mod args;
mod bench;
#[cfg(test)]
mod book;
mod buffer;
mod build;
mod cache;
mod commands;
mod compile;
mod config;
mod console;
mod context;
mod credentials;
mod cuda;
mod diagnostic;
mod digest;
mod dockerfile;
mod doctor;
mod engine;
mod exit;
mod failure;
mod group;
mod host;
mod init;
mod inputs;
mod inspection;
mod interrupt;
mod local;
mod lock;
mod model;
mod oci;
mod outputs;
mod plan;
mod playground;
mod progress;
mod project;
mod reference;
mod registry;
mod side_by_side;
mod signature;
mod size;
mod stamp;
mod watch;
mod weights;

use std::process::ExitCode;
use std::time::Duration;

use args::{Cli, Command, WeightsAction};
use clap::Parser;
use interrupt::Signals;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::usage(&error).into(),
    };
    cli.error_format.choose();
    failure::tell_panics();
    if cli.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    // One provider for the whole program; a second installation would only say that there is one.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::end(&error.into(), cli.debug).into(),
    };
    let code = runtime.block_on(command(cli));
    // Whatever still reads a stream has nothing to add.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

/// Runs the command, or gives it up when a signal says so.
async fn command(cli: Cli) -> ExitCode {
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return failure::end(&error.into(), cli.debug).into(),
    };
    let lasts = cli.command.lasts();
    let answers = cli.command.answers_signals();
    let command = run(cli.command);
    let outcome = if answers {
        Ok(Box::pin(command).await)
    } else {
        signals.or(command).await.map(|(result, _signals)| result)
    };
    match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(error)) if failure::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => failure::end(&error, cli.debug).into(),
        // That is how one ends it.
        Err(_) if lasts => ExitCode::SUCCESS,
        Err(signal) => {
            failure::interrupted(signal);
            signal.exit().into()
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(args) => commands::init::run(args.settings()),
        Command::Build(args) => commands::build::run(args.settings()?).await,
        Command::Predict(args) => commands::predict::run(args.settings()?).await,
        Command::Bench(args) => commands::bench::run(args.settings()?).await,
        Command::Serve(args) => commands::serve::run(args.settings()?).await,
        Command::Exec(args) => commands::exec::run(args.settings()?).await,
        Command::Playground(args) => commands::playground::run(args.settings()).await,
        Command::Push(args) => commands::push::run(args.settings()?).await,
        Command::Login(args) => commands::login::run(args.settings()?).await,
        Command::Logout(args) => commands::login::forget(args.registry).await,
        Command::Inspect(args) => commands::inspect::run(args.settings()?).await,
        Command::Schema(args) => commands::schema::run(args.settings()).await,
        Command::Doctor(args) => commands::doctor::run(args.settings()).await,
        Command::Completions(args) => commands::completions::run(args.settings()),
        Command::Help(args) => commands::help::run(&args.words),
        Command::Dockerfile(args) => commands::dockerfile::run(args.settings()?),
        Command::Weights(args) => match args.action {
            WeightsAction::Import(args) => commands::weights::import::run(args.settings()).await,
            WeightsAction::Pull(args) => commands::weights::pull::run(args.settings()).await,
            WeightsAction::Prune(args) => commands::weights::prune::run(args.settings()).await,
            WeightsAction::Status(args) => commands::weights::status::run(args.settings()).await,
        },
    }
}
