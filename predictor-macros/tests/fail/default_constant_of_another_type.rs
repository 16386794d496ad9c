const STEPS: &str = "20";

#[cog::predict]
fn hello(#[input(default = STEPS)] n: u32) -> u32 {
    n
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
