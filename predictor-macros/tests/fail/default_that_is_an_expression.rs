#[cog::predict]
fn hello(#[input(default = 1 + 1)] n: u8, #[input(default = vec![1])] m: Vec<u8>) -> String {
    format!("{n} {m:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
