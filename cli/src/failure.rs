//! How a failed command is told: one line that says what is wrong, and one that says what to do.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use crate::{
    build, commands, context, credentials, engine, init, inputs, inspection, local, model, outputs, plan,
    playground, project, registry, watch, weights,
};

/// Writes the failure to the standard error stream.
pub fn report(error: &anyhow::Error, debug: bool) {
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

/// What to do about it, where its type knows.
fn hint(error: &anyhow::Error) -> Option<String> {
    macro_rules! of {
        ($($kind:ty),+ $(,)?) => {
            error.chain().find_map(|cause| {
                $(if let Some(known) = cause.downcast_ref::<$kind>() { return known.hint(); })+
                None
            })
        };
    }
    of!(
        build::Error,
        engine::Error,
        registry::Error,
        project::ProjectError,
        plan::PlanError,
        playground::Error,
        context::ContextError,
        credentials::Error,
        inspection::Error,
        registry::BadSetting,
        crate::reference::model::Error,
        commands::exec::Error,
        commands::login::Error,
        commands::push::Error,
        crate::bench::Error,
        commands::bench::Error,
        commands::predict::Error,
        commands::serve::Error,
        commands::source::Error,
        inputs::Error,
        outputs::Error,
        local::Error,
        model::Error,
        init::Error,
        watch::Error,
        weights::Error,
    )
}
