#[cog::predict]
fn hello(#[input(regex = "[a-z")] name: String) -> String {
    name
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
