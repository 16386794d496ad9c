#[cog::predict]
fn hello(#[input(default = None)] token: cog::Secret, #[input(default = None)] n: Vec<u8>) -> String {
    format!("{token} {n:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
