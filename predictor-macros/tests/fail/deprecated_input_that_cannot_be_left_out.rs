#[cog::predict]
fn hello(#[input(deprecated)] name: String) -> String {
    name
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
