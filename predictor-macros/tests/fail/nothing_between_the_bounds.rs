#[cog::predict]
fn hello(
    #[input(ge = 8, le = 1)] scale: f32,
    #[input(min_length = 5, max_length = 2)] name: String,
    #[input(ge = 256)] small: u8,
) -> String {
    format!("{scale} {name} {small}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
