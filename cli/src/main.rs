//! `cog`: packages machine-learning models as containers with a standard HTTP prediction API.
//!
//! The rooms, outermost first: `args` reads the command line, `commands` does one thing each, by means of `project`,
//! `config`, `plan`, `dockerfile` and `context` (what is built: values, no engine), `build` and `engine` (building it),
//! `local` and `model` (running it), `inputs` and `outputs` (asking it).

#![expect(unreachable_pub, reason = "in an executable, `pub` marks what a room offers to the others")]

mod args;
mod build;
mod commands;
mod config;
mod context;
mod credentials;
mod cuda;
mod dockerfile;
mod engine;
mod failure;
mod init;
mod inputs;
mod interrupt;
mod local;
mod model;
mod outputs;
mod plan;
mod progress;
mod project;
mod reference;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use args::{Building, Cli, Command, Place};
use clap::Parser;
use context::trust::Certificates;
use interrupt::{Interrupted, Signals};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    // One provider for the whole program; a second installation would only say that there is one.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            failure::report(&error.into(), cli.debug);
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(command(cli));
    // Whatever still reads a stream has nothing to add.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

/// Runs the command, or gives it up when a signal says so.
async fn command(cli: Cli) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            failure::report(&error.into(), cli.debug);
            return ExitCode::FAILURE;
        }
    };
    let serves = matches!(cli.command, Command::Serve(_));
    let outcome = {
        let command = Box::pin(run(cli.command));
        tokio::select! {
            biased;
            signal = signals.received() => Err(signal),
            result = command => Ok(result),
        }
        // Here the command is dropped, and everything it held is gone.
    };
    match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(error)) if failure::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            failure::report(&error, cli.debug);
            ExitCode::FAILURE
        }
        // That is how one ends it.
        Err(_) if serves => ExitCode::SUCCESS,
        Err(signal) => {
            let word = if signal == Interrupted::CtrlC { "interrupted" } else { "terminated" };
            let _unheard = writeln!(std::io::stderr(), "{word}");
            signal.exit_code()
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(args) => commands::init::run(commands::init::Settings { directory: args.directory })?,
        Command::Build(args) => {
            commands::build::run(commands::build::Settings {
                progress: args.building.progress,
                dry_run: args.dry_run,
                build: build_settings(&args.place, args.building, args.tag)?,
            })
            .await?;
        }
        Command::Predict(args) => {
            return commands::predict::run(commands::predict::Settings {
                image: args.image,
                progress: args.building.progress,
                build: build_settings(&args.place, args.building, None)?,
                local: args.local,
                inputs: args.inputs,
                json: args.json,
                output: args.output,
                env: args.env,
                gpus: args.gpus,
                setup_timeout: Duration::from_secs(args.setup_timeout),
            })
            .await;
        }
        Command::Serve(args) => {
            commands::serve::run(commands::serve::Settings {
                image: args.image,
                progress: args.building.progress,
                build: build_settings(&args.place, args.building, None)?,
                local: args.local,
                address: args.host,
                port: args.port,
                env: args.env,
                gpus: args.gpus,
            })
            .await?;
        }
        Command::Push(args) => {
            commands::push::run(commands::push::Settings {
                reference: args.reference,
                progress: args.building.progress,
                build: build_settings(&args.place, args.building, None)?,
            })
            .await?;
        }
        Command::Schema(args) => {
            let directory = args.place.directory;
            commands::schema::run(commands::schema::Settings { image: args.image, directory }).await?;
        }
        Command::Dockerfile(args) => {
            let certificates = Certificates::from_environment()?;
            let text = commands::dockerfile::text(&args.place.directory, certificates)?;
            std::io::stdout().write_all(text.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn build_settings(place: &Place, building: Building, tag: Option<String>) -> anyhow::Result<build::Settings> {
    Ok(build::Settings {
        directory: place.directory.clone(),
        tag,
        no_cache: building.no_cache,
        secrets: building.secrets,
        certificates: Certificates::from_environment()?,
    })
}
