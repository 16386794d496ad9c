//! Reads a file, or writes one of a given size; for the benchmark.

use cog::prelude::*;

#[cog::predict]
fn files(
    #[input(default = None)] file: Option<cog::Path>,
    #[input(default = 0)] size: i64,
) -> Result<cog::Path> {
    let size = match file {
        Some(file) => std::fs::read(file)?.len() % 2,
        None => usize::try_from(size)?,
    };
    let out = cog::Path::temp(".bin")?;
    std::fs::write(&out, vec![b'x'; size])?;
    Ok(out)
}

fn main() -> ExitCode {
    cog::main::<files>()
}
