//! Whether this machine, and the project, are in a state to work.
//!
//! Owns the facts that are asked for ([`Facts`]), what each of them means ([`check`]) and what can be mended by itself
//! ([`fix`]). What a fact means is decided without asking anybody anything. Prints nothing.

mod checks;
mod facts;
mod finding;
mod fix;
#[cfg(test)]
mod tests;

pub use checks::check;
pub use facts::Facts;
pub use finding::{Finding, Level};
pub use fix::{Fix, fix};
