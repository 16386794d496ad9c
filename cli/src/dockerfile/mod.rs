//! The Dockerfile of a plan, by templates.
//!
//! Owns the text; every decision was made by `plan`. Templates are data in `templates/`, embedded at compile time.

mod quote;
mod script;
#[cfg(test)]
mod tests;

use crate::plan::Plan;

/// Why a Dockerfile cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the Dockerfile: {}", chain(.0))]
pub struct DockerfileError(#[from] tera::Error);

fn chain(error: &tera::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Path of the Dockerfile in the context.
pub const PATH: &str = ".cog-build/Dockerfile";

/// What the Dockerfile's steps run, by name, beside it in the context.
pub const SCRIPTS: [(&str, &str); 4] = [
    ("adopt.sh", include_str!("../../../templates/adopt.sh")),
    ("assemble.sh", include_str!("../../../templates/assemble.sh")),
    ("compile.sh", include_str!("../../../templates/compile.sh")),
    ("driver.sh", include_str!("../../../templates/driver.sh")),
];

/// The Dockerfile that carries out `plan`.
///
/// # Errors
/// A template that does not render: a defect of this program.
pub fn render(plan: &Plan) -> Result<String, DockerfileError> {
    Ok(script::render(plan)?)
}
