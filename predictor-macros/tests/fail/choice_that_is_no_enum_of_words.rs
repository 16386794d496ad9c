#[derive(cog::Choice)]
struct Style;

#[derive(cog::Choice)]
enum Mixed {
    Plain,
    Holding(u8),
}

#[derive(cog::Choice)]
enum Empty {}

#[derive(cog::Choice)]
#[choice(rename_all = "snake-case")]
enum Cased {
    #[choice(rename = "b")]
    A,
    B,
    #[choice(rename = "b")]
    C,
    #[choice(name = "d")]
    D,
}

#[cog::predict]
fn hello(style: Style, mixed: Mixed) -> u8 {
    let _ = (style, mixed);
    1
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
