use std::rc::Rc;

#[cog::predict]
async fn hello(name: String) -> String {
    let name = Rc::new(name);
    std::future::ready(()).await;
    name.to_string()
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
