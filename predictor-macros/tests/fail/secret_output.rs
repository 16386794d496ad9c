#[cog::predict]
fn hello(token: cog::Secret) -> cog::Secret {
    token
}

#[cog::predict]
fn wrapped(token: cog::Secret) -> cog::Result<Vec<cog::Secret>> {
    Ok(vec![token])
}

#[derive(cog::Output)]
struct Answer {
    token: Option<cog::Secret>,
}

#[cog::predict]
fn structured() -> Answer {
    Answer { token: None }
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
