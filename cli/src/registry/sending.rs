//! How blobs are sent, as far as the environment has a say.

/// Bytes sent at once.
const PIECE: u64 = 96 << 20;
/// Bytes up to which a blob is sent at once whatever the size of a piece.
const THRESHOLD: u64 = 128 << 20;
/// Blobs under way at once.
const CONCURRENCY: u64 = 5;

/// How blobs are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// `COG_PUSH_CONCURRENCY`: how many blobs are under way at once.
    pub(super) concurrency: usize,
    /// `COG_PUSH_DEFAULT_CHUNK_SIZE`: bytes of a piece, where the registry does not say.
    pub(super) piece: u64,
    /// `COG_PUSH_MULTIPART_THRESHOLD`: bytes up to which a blob goes in one piece.
    pub(super) threshold: u64,
}

/// A variable that says nothing sensible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{variable}` is `{value}`, and has to be a whole number of at least 1")]
pub struct BadSetting {
    variable: &'static str,
    value: String,
}

impl BadSetting {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let example = match self.variable {
            "COG_PUSH_CONCURRENCY" => "5",
            _ => "100663296",
        };
        let bytes = if example == "5" { "" } else { "it is in bytes: " };
        Some(format!("{bytes}write `{}={example}`, or take the variable away", self.variable))
    }
}

impl Default for Sending {
    fn default() -> Self {
        Self { concurrency: 5, piece: PIECE, threshold: THRESHOLD }
    }
}

impl Sending {
    /// What the environment asks for.
    ///
    /// # Errors
    /// A variable that is set to something else than a number of at least 1.
    pub fn from_environment() -> Result<Self, BadSetting> {
        Self::of(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    fn of(said: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetting> {
        let number = |variable: &'static str| -> Result<Option<u64>, BadSetting> {
            let Some(value) = said(variable).filter(|value| !value.trim().is_empty()) else {
                return Ok(None);
            };
            match value.trim().parse() {
                Ok(number) if number > 0 => Ok(Some(number)),
                _ => Err(BadSetting { variable, value }),
            }
        };
        let concurrency = number("COG_PUSH_CONCURRENCY")?.unwrap_or(CONCURRENCY);
        let piece = number("COG_PUSH_DEFAULT_CHUNK_SIZE")?;
        let threshold = number("COG_PUSH_MULTIPART_THRESHOLD")?;
        Ok(Self {
            concurrency: usize::try_from(concurrency).unwrap_or(usize::MAX).min(64),
            piece: piece.unwrap_or(PIECE),
            // Whoever asks for small pieces alone wants nothing to go in larger ones.
            threshold: threshold.or(piece).unwrap_or(THRESHOLD),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    fn of(set: &[(&str, &str)]) -> Result<Sending, BadSetting> {
        Sending::of(|name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_said_is_the_usual() {
        assert_eq!(of(&[]).unwrap(), Sending::default());
        assert_eq!(of(&[("COG_PUSH_CONCURRENCY", " ")]).unwrap(), Sending::default());
    }

    #[test]
    fn small_pieces_are_for_small_blobs_too_unless_a_threshold_is_named() {
        let small = of(&[("COG_PUSH_DEFAULT_CHUNK_SIZE", "1000")]).unwrap();
        assert_eq!((small.piece, small.threshold), (1000, 1000));
        let both =
            of(&[("COG_PUSH_DEFAULT_CHUNK_SIZE", "1000"), ("COG_PUSH_MULTIPART_THRESHOLD", "5000")]).unwrap();
        assert_eq!((both.piece, both.threshold), (1000, 5000));
    }

    #[test]
    fn what_is_no_number_is_told_with_its_variable() {
        for variable in
            ["COG_PUSH_CONCURRENCY", "COG_PUSH_DEFAULT_CHUNK_SIZE", "COG_PUSH_MULTIPART_THRESHOLD"]
        {
            for value in ["0", "-1", "many", "96MiB"] {
                let error = of(&[(variable, value)]).unwrap_err();
                assert!(error.to_string().contains(variable) && error.to_string().contains(value), "{error}");
                assert!(error.hint().is_some_and(|hint| hint.contains(variable)));
            }
        }
    }
}
