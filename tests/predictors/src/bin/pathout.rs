//! Writes a file of the given name and gives it out, or one that does not exist.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use cog::prelude::*;

#[cog::predict]
fn pathout(
    #[input(default = "out.txt")] filename: String,
    #[input(default = "file body")] text: String,
    #[input(default = false)] missing: bool,
) -> Result<cog::Path> {
    let path = cog_test_predictors::scratch_folder()?.join(filename);
    if !missing {
        std::fs::write(&path, text)?;
    }
    println!("wrote {}", path.display());
    Ok(path.into())
}

fn main() -> ExitCode {
    cog::main::<pathout>()
}
