#[derive(Default)]
struct Model;

#[cog::predictor]
impl Model {
    fn predict(&self, a: String) -> String {
        a
    }

    fn predict(&self, b: u8) -> u8 {
        b
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
