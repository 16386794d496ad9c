struct Model;

#[cog::predictor]
impl Model {
    fn setup() {}

    fn predict(self, name: &str, #[input(default = 9, le = 8)] n: u8, #[input(choice = ["a"])] s: String) {
        let _ = (name, n, s);
    }

    fn healthcheck() -> bool {
        true
    }
}

fn main() -> std::process::ExitCode {
    cog::main::<Model>()
}
