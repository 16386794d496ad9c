use cog::prelude::*;

/// Greets somebody.
#[cog::predict]
fn greeter(
    /// Whom to greet
    #[input(min_length = 1, max_length = 12)]
    name: String,
    /// How often
    #[input(default = 1, ge = 1, le = 3)]
    times: u8,
    #[input(default = "warm", choices = ["warm", "cold"])] manner: String,
) -> String {
    println!("greeting {name}");
    let greeting = if manner == "warm" { format!("Hello, {name}!") } else { name };
    vec![greeting; usize::from(times)].join(" ")
}

fn main() -> ExitCode {
    cog::main::<greeter>()
}
