use serde_json::json;

struct Model {
    name: String,
    words: Vec<String>,
}

#[cog::predictor]
impl Model {
    fn setup() -> Self {
        Self { name: "cog".to_owned(), words: vec!["a".to_owned(), "b".to_owned()] }
    }

    fn predict(&self) -> &str {
        &self.name
    }
}

struct Pieces(Model);

#[cog::predictor]
impl Pieces {
    fn setup() -> Self {
        Self(Model::setup())
    }

    fn predict(&self, n: u8) -> impl Iterator<Item = &str> {
        self.0.words.iter().map(String::as_str).take(n.into())
    }
}

fn main() {
    assert_eq!(cog::testing::predict::<Model>(json!({})).unwrap(), json!("cog"));
    assert_eq!(cog::testing::predict::<Pieces>(json!({"n": 1})).unwrap(), json!(["a"]));
}
