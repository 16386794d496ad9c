//! Inputs as a person gives them: `-i name=value`, `@file`, `--json`.
//!
//! Owns the way from words to the JSON of a request, and reports every fault at once. Which values are allowed is the
//! signature's rule, asked of `cog_schema`. Refuses to know where a signature comes from and who is asked.

mod error;
mod file;
mod given;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use given::Given;
