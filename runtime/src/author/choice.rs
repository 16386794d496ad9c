//! Enums of words.

/// An enum that stands for a closed set of words; made by `#[derive(cog::Choice)]`.
pub trait Choice: Sized + Copy + 'static {
    /// The words, in the order of the variants.
    const WORDS: &'static [&'static str];

    /// The variants, in order.
    const VARIANTS: &'static [Self];

    /// The variant's word.
    fn as_str(&self) -> &'static str;
}
