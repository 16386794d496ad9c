struct Own;

#[cog::predict]
fn hello() -> Result<u8, Own> {
    Err(Own)
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
