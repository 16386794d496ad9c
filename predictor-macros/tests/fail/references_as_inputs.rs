use std::path::Path;

#[cog::predict]
fn hello(name: &str, numbers: &[f32], file: &Path, count: &mut u8, list: &Vec<String>) -> String {
    format!("{name} {numbers:?} {file:?} {count} {list:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
