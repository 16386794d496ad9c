use std::collections::HashMap;
use std::path::PathBuf;

struct Own;

#[cog::predict]
fn hello(own: Own, list: Vec<Own>, keys: HashMap<u8, u8>, huge: u128) -> String {
    let _ = (own, list, keys, huge);
    String::new()
}

#[cog::predict]
fn named(file: PathBuf, letter: char, pair: (u8, u8), three: [u8; 3], twice: Option<Option<u8>>) -> String {
    format!("{file:?} {letter} {pair:?} {three:?} {twice:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
