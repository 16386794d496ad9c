#[derive(cog::Output)]
struct Pair(u8, u8);

#[derive(cog::Output)]
enum Word {
    One,
}

#[derive(cog::Output)]
struct Generic<T> {
    value: T,
}

#[derive(cog::Output)]
struct Renamed {
    #[output(name = "b")]
    a: u8,
}

#[cog::predict]
fn hello() -> Vec<Pair> {
    vec![Pair(1, 2)]
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
