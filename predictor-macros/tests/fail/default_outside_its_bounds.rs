#[cog::predict]
fn hello(
    #[input(default = 9.0, ge = 1.0, le = 8.0)] scale: f32,
    #[input(default = 300)] small: u8,
    #[input(default = "a", min_length = 2)] name: String,
    #[input(default = "a1", regex = "^[a-z]+$")] code: String,
    #[input(default = "blunt", choices = ["sharp", "smooth"])] style: String,
) -> String {
    format!("{scale} {small} {name} {code} {style}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
