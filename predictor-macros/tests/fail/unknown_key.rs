#[cog::predict]
fn hello(
    #[input(defualt = 1, minimum = 0, colour = "red")] n: u8,
    #[input(description = "How many")] m: u8,
) -> u8 {
    n + m
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
