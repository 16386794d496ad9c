#[cog::predictor]
struct Model {
    net: u32,
}

#[cog::predictor]
fn hello(name: String) -> String {
    name
}

#[cog::predict]
struct Other;

trait Predicts {
    fn predict(&self) -> String;
}

struct Third;

#[cog::predictor]
impl Predicts for Third {
    fn predict(&self) -> String {
        String::new()
    }
}

impl Third {
    #[cog::predict]
    fn method(&self, name: String) -> String {
        name
    }
}

fn main() {}
