#[cog::predict]
fn hello(
    #[input(default = "three")] n: u32,
    #[input(default = 3)] text: String,
    #[input(default = 0.5)] whole: i64,
    #[input(default = 1)] truth: bool,
    #[input(default = "a")] list: Vec<String>,
    #[input(default = ["a", 1])] mixed: Vec<String>,
) -> String {
    format!("{n} {text} {whole} {truth} {list:?} {mixed:?}")
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
