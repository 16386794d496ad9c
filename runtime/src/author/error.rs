//! The error that models return: anything, with its causes kept.

use std::error::Error as StdError;
use std::fmt;

/// What a model's function returns where it can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a setup or a prediction failed.
///
/// Any error converts to it with `?`; [`bail!`](crate::bail) and [`Error::msg`] make one from words. What a caller
/// sees is its text followed by the text of every cause, joined by `: `.
///
/// ```
/// fn weights(path: &str) -> cog::Result<Vec<u8>> {
///     let bytes = std::fs::read(path)?;
///     cog::ensure!(!bytes.is_empty(), "`{path}` is empty");
///     Ok(bytes)
/// }
/// assert!(weights("/nowhere").unwrap_err().to_string().contains("No such file"));
/// ```
pub struct Error(Box<dyn StdError + Send + Sync>);

/// The caller gave up on the prediction; returned by [`Prediction::check`](crate::Prediction::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canceled;

impl Error {
    /// An error from words.
    pub fn msg(message: impl fmt::Display) -> Self {
        Self(message.to_string().into())
    }

    pub(crate) fn boxed(error: Box<dyn StdError + Send + Sync>) -> Self {
        Self(error)
    }

    /// The error as the standard library knows errors.
    pub fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&chain(&*self.0))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

// `Error` itself is no `std::error::Error`: that is what makes room for this conversion.
impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl fmt::Display for Canceled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the prediction was canceled")
    }
}

impl StdError for Canceled {}

/// An error's text and that of its causes. A cause whose words the error already ends with is not said twice.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.ends_with(&words) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

/// Returns early with an error made from words.
///
/// ```
/// fn half(n: u32) -> cog::Result<u32> {
///     if n % 2 == 1 {
///         cog::bail!("{n} is odd");
///     }
///     Ok(n / 2)
/// }
/// assert_eq!(half(3).unwrap_err().to_string(), "3 is odd");
/// ```
#[macro_export]
macro_rules! bail {
    ($($words:tt)+) => {
        return ::core::result::Result::Err($crate::Error::msg(::core::format_args!($($words)+)).into())
    };
}

/// Returns early with an error made from words unless a condition holds.
///
/// ```
/// fn root(x: f64) -> cog::Result<f64> {
///     cog::ensure!(x >= 0.0, "{x} has no real root");
///     Ok(x.sqrt())
/// }
/// assert!(root(-1.0).is_err());
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            $crate::bail!($($words)+);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(&'static str, Option<std::io::Error>);

    impl fmt::Display for Outer {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str(self.0)
        }
    }

    impl StdError for Outer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_ref().map(|cause| cause as _)
        }
    }

    #[test]
    fn the_text_holds_every_cause() {
        let error = Error::from(Outer("cannot load", Some(std::io::Error::other("disk on fire"))));
        assert_eq!(error.to_string(), "cannot load: disk on fire");
    }

    #[test]
    fn a_cause_that_was_already_said_is_not_said_twice() {
        let error =
            Error::from(Outer("cannot load: disk on fire", Some(std::io::Error::other("disk on fire"))));
        assert_eq!(error.to_string(), "cannot load: disk on fire");
    }
}
