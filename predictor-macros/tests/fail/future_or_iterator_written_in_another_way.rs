#[cog::predict]
fn hello() -> impl Future<Output = String> {
    async { String::new() }
}

#[cog::predict]
fn pieces() -> impl Iterator {
    std::iter::once(1)
}

#[cog::predict]
fn shown() -> impl std::fmt::Display {
    1
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
