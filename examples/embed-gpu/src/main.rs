//! The model of `../embed`, compiled for a GPU.

use cog::prelude::*;

fn main() -> ExitCode {
    cog::main::<embed::Embedder>()
}
