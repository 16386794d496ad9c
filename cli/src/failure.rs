//! How a failed command is told: one line that says what is wrong, and one that says what to do; or as JSON.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use crate::config::ConfigError;
use crate::diagnostic::{Diagnostic, Format};
use crate::exit::Exit;
use crate::interrupt::Interrupted;
use crate::{
    build, commands, compile, context, credentials, engine, init, inputs, inspection, local, model, outputs,
    plan, playground, project, registry, watch, weights,
};

/// Tells the failure that ends the program.
pub fn end(error: &anyhow::Error, debug: bool) -> Exit {
    tell(error, debug, Some(Exit::Failure));
    Exit::Failure
}

/// Has panics, which are faults of this program's own, told in the way of all failures.
pub fn tell_panics() {
    if Format::chosen() == Format::Json {
        std::panic::set_hook(Box::new(|panic| panicked(&panic.to_string()).write()));
    }
}

fn panicked(said: &str) -> Diagnostic {
    Diagnostic {
        kind: "panic".to_owned(),
        message: said.lines().collect::<Vec<_>>().join(" "),
        hint: Some("this is a fault of cog itself: please report it".to_owned()),
        ..Diagnostic::default()
    }
}

/// Tells a command line that makes no sense; or the help, which is no failure.
pub fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() && Format::of_arguments(std::env::args_os()) == Format::Json {
        Diagnostic::of_usage(error).write();
    } else {
        let _unheard = error.print();
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Success }
}

/// Tells that a signal ended the program.
pub fn interrupted(signal: Interrupted) {
    let word = if signal == Interrupted::CtrlC { "interrupted" } else { "terminated" };
    match Format::chosen() {
        Format::Text => {
            let _unheard = writeln!(io::stderr(), "{word}");
        }
        Format::Json => Diagnostic {
            kind: "interrupted".to_owned(),
            message: word.to_owned(),
            exit_code: Some(signal.exit().code()),
            ..Diagnostic::default()
        }
        .write(),
    }
}

/// Tells a failure that the program goes on after.
pub fn report(error: &anyhow::Error, debug: bool) {
    tell(error, debug, None);
}

fn tell(error: &anyhow::Error, debug: bool, exit: Option<Exit>) {
    match Format::chosen() {
        Format::Text => write(error, debug),
        Format::Json => {
            let exit_code = exit.map(Exit::code);
            for diagnostic in diagnostics(error) {
                let debug = debug.then(|| format!("{error:?}"));
                Diagnostic { exit_code, debug, ..diagnostic }.write();
            }
        }
    }
}

/// The failure as programs read it: one object, but one for each fault of a `cog.yaml`.
fn diagnostics(error: &anyhow::Error) -> Vec<Diagnostic> {
    if let Some(config) = error.chain().find_map(|cause| cause.downcast_ref::<ConfigError>()) {
        return Diagnostic::of_config(config);
    }
    let kind = error.chain().map(within).find_map(known).map_or("other", |(kind, _)| kind);
    vec![Diagnostic {
        kind: kind.to_owned(),
        message: error.to_string().trim_end().to_owned(),
        hint: hint(error),
        causes: error.chain().skip(1).map(|cause| cause.to_string().trim_end().to_owned()).collect(),
        ..Diagnostic::default()
    }]
}

fn write(error: &anyhow::Error, debug: bool) {
    let mut text = message(error);
    if let Some(hint) = hint(error) {
        let _infallible = write!(text, "\n  hint: {hint}");
    }
    if debug {
        let _infallible = write!(text, "\n\n{error:?}");
    }
    let style = anstyle::AnsiColor::Red.on_default().bold();
    // Nobody is left to be told that telling failed.
    let _unheard = writeln!(anstream::stderr(), "{style}error{style:#}: {text}");
}

/// Whether the reader of the standard output went away (`| head -1`), which is no failure.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error and what caused it, each said once.
fn message(error: &anyhow::Error) -> String {
    let mut text = error.to_string().trim_end().to_owned();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(cause.trim_end()) {
            let _infallible = write!(text, ": {}", cause.trim_end());
        }
    }
    text
}

/// What to do about it, where the type of the error or of a cause knows.
fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| known(cause).and_then(|(_, hint)| hint))
}

/// Which part of the program failed, and what to do about it where its type knows.
fn known(cause: &(dyn Error + 'static)) -> Option<(&'static str, Option<String>)> {
    macro_rules! of {
        ($($kind:ty),+ $(,)?) => {{
            $(if let Some(known) = cause.downcast_ref::<$kind>() {
                return Some((room(stringify!($kind)), known.hint()));
            })+
            None
        }};
    }
    of!(
        build::Error,
        engine::Error,
        registry::Error,
        project::ProjectError,
        plan::PlanError,
        plan::BadMirror,
        playground::Error,
        context::ContextError,
        credentials::Error,
        inspection::Error,
        registry::BadSetting,
        crate::reference::model::Error,
        commands::exec::Error,
        commands::help::Error,
        commands::login::Error,
        commands::push::Error,
        crate::bench::Error,
        commands::bench::Error,
        commands::predict::Error,
        commands::serve::Error,
        commands::source::Error,
        inputs::Error,
        outputs::Error,
        compile::Error,
        local::Error,
        model::Error,
        init::Error,
        watch::Error,
        weights::Error,
    )
}

/// The failure itself, where the part of the program that meets it adds nothing.
fn within<'e>(cause: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    if let Some(met) = cause.downcast_ref::<build::Error>() {
        return match met {
            build::Error::Project(error) => error,
            build::Error::Plan(error) => error,
            build::Error::Context(error) => error,
            build::Error::Engine(error) => error,
            build::Error::Registry(error) => error,
            build::Error::Weights(error) => error,
            _ => cause,
        };
    }
    if let Some(met) = cause.downcast_ref::<inspection::Error>() {
        return match met {
            inspection::Error::Engine(error) => error,
            inspection::Error::Registry(error) => error,
            _ => cause,
        };
    }
    match cause.downcast_ref::<weights::Error>() {
        Some(weights::Error::Registry(error)) => error,
        _ => cause,
    }
}

/// The room that a type of error belongs to: `engine` of `engine::Error`, `push` of `commands::push::Error`.
fn room(path: &'static str) -> &'static str {
    let path = path.trim_start_matches("crate::").trim_start_matches("commands::");
    path.split("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_failure_is_the_room_it_comes_from() {
        let of = |error: anyhow::Error| diagnostics(&error).swap_remove(0).kind;
        let project = || project::ProjectError::NoConfig("/tmp".into());
        assert_eq!(of(project().into()), "project");
        assert_eq!(of(build::Error::Project(project()).into()), "project");
        assert_eq!(of(commands::serve::Error::SamePort(1).into()), "serve");
        assert_eq!(of(anyhow::anyhow!("no")), "other");
    }

    #[test]
    fn what_caused_a_failure_is_told_in_order() {
        let error = anyhow::anyhow!("the disk is full").context("cannot write").context("cannot build");
        let told = diagnostics(&error);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, "cannot build");
        assert_eq!(told[0].causes, ["cannot write", "the disk is full"]);
    }

    #[test]
    fn a_panic_is_one_line_with_its_place() {
        let told = panicked("panicked at cli/src/main.rs:1:2:\nindex out of bounds");
        assert_eq!(told.kind, "panic");
        assert_eq!(told.message, "panicked at cli/src/main.rs:1:2: index out of bounds");
    }
}
