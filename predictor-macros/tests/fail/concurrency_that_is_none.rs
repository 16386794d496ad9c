#[cog::predict(concurrency = 0)]
fn hello(name: String) -> String {
    name
}

#[cog::predict(concurency = 4)]
fn misspelt(name: String) -> String {
    name
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
