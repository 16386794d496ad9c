//! Text that comes piece by piece and reads as one.

use std::fmt;

/// A piece of a text. `impl Iterator<Item = Token>` or `impl Stream<Item = Token>` as a return type tells callers
/// that the pieces are to be joined; any other item makes a list.
///
/// ```
/// use cog::Token;
///
/// #[cog::predict]
/// fn spell(word: String) -> impl Iterator<Item = Token> {
///     word.chars().map(Token::from).collect::<Vec<_>>().into_iter()
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token(pub String);

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<char> for Token {
    fn from(character: char) -> Self {
        Self(character.into())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
