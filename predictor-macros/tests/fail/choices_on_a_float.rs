#[cog::predict]
fn hello(#[input(choices = [1.5, 2.5])] scale: f32) -> f32 {
    scale
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
