//! The model, as a program.

use cog::prelude::*;

fn main() -> ExitCode {
    cog::main::<embed::Embedder>()
}
