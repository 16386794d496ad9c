use std::collections::HashMap;

use cog::prelude::*;
use serde_json::{Value, json};

macro_rules! gives {
    ($($name:ident: $ty:ty = $value:expr, $expected:tt;)*) => {
    $(
        #[cog::predict]
        fn $name() -> $ty {
            $value
        }
    )*

        fn main() {
            $(assert_eq!(cog::testing::predict::<$name>(json!({})).unwrap(), json!($expected));)*
        }
    };
}

gives! {
    text: String = "a".to_owned(), "a";
    words: &'static str = "a", "a";
    truth: bool = true, true;
    small: u8 = 7, 7;
    large: u64 = u64::MAX, 18446744073709551615_u64;
    short: f32 = 0.1, 0.1;
    long: f64 = 0.1, 0.1;
    file: cog::Path = cog::Path::new("/tmp/a.png"), "/tmp/a.png";
    any: Value = json!([1, "two"]), [1, "two"];
    nothing: () = (), null;
    maybe: Option<String> = None, null;
    list: Vec<f32> = vec![0.1, 2.0], [0.1, 2.0];
    array: [u8; 2] = [1, 2], [1, 2];
    map: HashMap<String, Vec<u8>> = HashMap::from([("k".to_owned(), vec![1])]), {"k": [1]};
    boxed: Box<String> = Box::new("a".to_owned()), "a";
    result: Result<String> = Ok("a".to_owned()), "a";
    other_error: std::result::Result<u8, String> = Ok(1), 1;
    io_error: std::io::Result<()> = Ok(()), null;
}
