#[cog::predict]
fn hello(
    #[input(choices = [])] none: String,
    #[input(choices = ["a", "b", "a"])] twice: String,
    #[input(choices = ["a", 1])] mixed: String,
    #[input(choices = [1, 300])] large: u8,
    #[input(choices = "a")] word: String,
) -> String {
    format!("{none} {twice} {mixed} {large} {word}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
