//! What benchmarks print: figures measured again and again, as tables in Markdown.

pub mod arguments;
pub mod machine;
mod samples;
mod table;

pub use samples::Samples;
pub use table::{Table, figure, fraction, percent, ratio, verdict};
