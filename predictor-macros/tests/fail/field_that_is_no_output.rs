struct Own;

#[derive(cog::Output)]
struct Answer {
    text: String,
    own: Own,
}

#[cog::predict]
fn hello() -> Answer {
    Answer { text: String::new(), own: Own }
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
