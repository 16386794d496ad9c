#[cog::predict]
fn hello(
    #[input(default = 1, default = 2)] n: u8,
    #[input(ge = 1)]
    #[input(ge = 2)]
    m: u8,
) -> u8 {
    n + m
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
