#[cog::predict]
fn hello((a, b): (u8, u8), [c]: [u8; 1], _: String) -> u8 {
    a + b + c
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
