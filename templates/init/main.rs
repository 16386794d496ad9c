//! A model: one function, or a type that is set up once and asked often.

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
    #[test]
    fn it_greets_by_name() {
        assert_eq!(super::hello("Ada".to_owned()), "Hello, Ada!");
    }
}
