#[cog::predict]
fn hello(#[input(accept = "image/*")] picture: String) -> String {
    picture
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
