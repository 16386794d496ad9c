use cog::prelude::*;

/// Gives a copy of a file.
#[cog::predict]
fn copier(
    /// What to copy
    file: cog::Path,
    #[input(default = "copy.txt")] name: String,
) -> Result<cog::Path> {
    let copy = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
    std::fs::copy(&file, &copy)?;
    Ok(copy.into())
}

fn main() -> ExitCode {
    cog::main::<copier>()
}
