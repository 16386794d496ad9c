#[cog::predict]
fn hello<T: ToString>(name: String) -> String {
    name
}

struct Model<T>(T);

#[cog::predictor]
impl<T> Model<T> {
    fn predict(&self, name: String) -> String {
        name
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<hello>()
}
