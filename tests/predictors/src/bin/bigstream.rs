//! Streams faster than anybody reads.

use cog::prelude::*;

#[cog::predict]
fn bigstream(
    #[input(default = 3000)] n: i64,
    #[input(default = 65536)] size: i64,
) -> impl Iterator<Item = Token> {
    let piece = "z".repeat(usize::try_from(size).unwrap_or(0));
    (0..n).map(move |_| Token::from(piece.clone()))
}

fn main() -> ExitCode {
    cog::main::<bigstream>()
}
