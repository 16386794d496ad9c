#[derive(cog::Input)]
struct Options {
    a: u8,
}

#[derive(cog::Input)]
enum Mixed {
    Text(String),
    Nothing,
    Pair(u8, u8),
    Named { a: u8 },
}

#[derive(cog::Input)]
enum Untellable {
    Text(String),
    File(cog::Path),
    Secret(cog::Secret),
    Maybe(Option<u8>),
}

#[derive(cog::Input)]
enum Shadowed {
    Number(f64),
    Whole(i64),
    Same(f32),
}

#[cog::predict]
fn hello(options: Options, mixed: Mixed) -> u8 {
    let _ = (options, mixed);
    1
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
