//! The model: what this package does, asked over HTTP.

use cog::prelude::*;

/// Answers one request
#[cog::predict]
fn predict(
    /// What to work on
    text: String,
) -> Result<String> {
    // Call your own code here. A type with a `setup`, where something has to be loaded first, is a model as well.
    Ok(text)
}

fn main() -> ExitCode {
    cog::main::<predict>()
}
