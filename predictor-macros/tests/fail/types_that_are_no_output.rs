struct Own;

#[cog::predict]
fn hello() -> Own {
    Own
}

#[cog::predict]
fn result() -> cog::Result<(u8, u8)> {
    Ok((1, 2))
}

#[cog::predict]
fn iterator() -> impl Iterator<Item = Own> {
    std::iter::once(Own)
}

#[cog::predict]
fn unnamed() -> std::ops::Range<u8> {
    0..3
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
