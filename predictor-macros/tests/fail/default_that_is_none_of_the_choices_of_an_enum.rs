#[derive(cog::Choice)]
enum Style {
    Sharp,
    Smooth,
}

#[cog::predict]
fn hello(#[input(default = "blunt")] style: Style) -> Style {
    style
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
