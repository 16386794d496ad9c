#[cog::predict]
fn hello(#[input(ge = 1, le = 8)] name: String) -> String {
    name
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
