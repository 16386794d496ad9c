#[cog::predict]
fn hello(#[input(min_length = 1, max_length = 3)] n: u32, #[input(regex = "^1")] m: Option<f32>) -> String {
    format!("{n} {m:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
