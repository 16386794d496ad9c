//! To be written.

mod engine;

fn main() {}
