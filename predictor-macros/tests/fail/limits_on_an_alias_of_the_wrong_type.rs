type Word = String;

#[cog::predict]
fn hello(#[input(ge = 1)] word: Word) -> String {
    word
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
