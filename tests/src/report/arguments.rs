//! What the command line of a benchmark says.

/// The number that follows `name`; the program ends where there is none above 0.
pub fn number<T: std::str::FromStr + PartialEq + Default>(name: &str, value: Option<String>) -> T {
    match value.and_then(|value| value.parse().ok()) {
        Some(number) if number != T::default() => number,
        _ => refuse(&format!("{name} wants a number above 0")),
    }
}

/// Ends the program, and says why.
#[expect(clippy::print_stderr, reason = "whoever typed it reads it")]
pub fn refuse(fault: &str) -> ! {
    eprintln!("{fault}");
    std::process::exit(2)
}
