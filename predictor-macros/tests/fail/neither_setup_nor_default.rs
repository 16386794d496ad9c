struct Model {
    net: u32,
}

#[cog::predictor]
impl Model {
    fn predict(&self) -> u32 {
        self.net
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
