/// Greets somebody.
#[cog::predict]
pub fn hello(
    /// Whom to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}
