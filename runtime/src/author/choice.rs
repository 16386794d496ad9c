//! Enums of words.

/// An enum that stands for a closed set of words; made by [`#[derive(cog::Choice)]`](derive@crate::Choice).
pub trait Choice: Sized + Send + 'static {
    /// The words, in the order of the variants.
    const WORDS: &'static [&'static str];

    /// The variant's word.
    fn as_str(&self) -> &'static str;

    /// The variant of that word.
    fn from_word(word: &str) -> Option<Self>;
}
