#[cog::predict]
fn hello(
    #[input(default)] a: u8,
    #[input(ge = "1")] b: u8,
    #[input(max_length = -1)] c: String,
    #[input(regex = 1)] d: String,
    #[input] e: u8,
) -> String {
    format!("{a} {b} {c} {d} {e}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
