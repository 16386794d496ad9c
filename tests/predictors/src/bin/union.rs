//! Takes values of more than one type and tells which type arrived.

use cog::prelude::*;

#[derive(cog::Input)]
enum TextOrNumber {
    Text(String),
    Number(f64),
}

#[derive(cog::Input)]
enum TextOrInteger {
    Text(String),
    Integer(i64),
}

#[cog::predict]
fn union(
    /// string or number
    value: TextOrNumber,
    #[input(default = None)] maybe: Option<TextOrInteger>,
    #[input(default = [1, 2])] items: Vec<i64>,
) -> String {
    let value = match value {
        TextOrNumber::Text(text) => format!("str:{text}"),
        TextOrNumber::Number(number) if number.fract() == 0.0 => format!("int:{number}"),
        TextOrNumber::Number(number) => format!("float:{number}"),
    };
    let maybe = match maybe {
        None => "NoneType:None".to_owned(),
        Some(TextOrInteger::Text(text)) => format!("str:{text}"),
        Some(TextOrInteger::Integer(integer)) => format!("int:{integer}"),
    };
    format!("{value} {maybe} {items:?}")
}

fn main() -> ExitCode {
    cog::main::<union>()
}
