//! Greets people: the smallest model there is.

use cog::prelude::*;

/// Says hello
#[cog::predict]
fn hello(
    /// Whom to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}

fn main() -> ExitCode {
    cog::main::<hello>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_greets_by_name() {
        assert_eq!(hello("Ada".to_owned()), "Hello, Ada!");
    }

    #[test]
    fn it_is_asked_as_a_client_asks() -> Result<()> {
        let outcome = cog::testing::predict::<hello>(r#"{"name": "Ada"}"#.parse()?);
        assert_eq!(outcome.unwrap(), "Hello, Ada!");
        let outcome = cog::testing::predict::<hello>("{}".parse()?);
        assert!(outcome.unwrap_err().contains("name"));
        Ok(())
    }
}
