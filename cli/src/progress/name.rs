//! What a step is called on one line.

/// Longest name shown, in characters.
const LONGEST: usize = 110;

/// A step's name without line breaks, runs of blanks and mount options, cut to fit a line.
pub(crate) fn one_line(name: &str) -> String {
    let words = name.split_whitespace().filter(|word| !word.starts_with("--mount="));
    cut(&words.collect::<Vec<_>>().join(" "), LONGEST)
}

/// The text, or as much of it as makes `longest` characters with an ellipsis.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(longest - 1).collect();
    cut.push('…');
    cut
}

/// Whether a step is the builder's own business.
pub(super) fn is_internal(name: &str) -> bool {
    name.starts_with("[internal]") || name.starts_with("exporting ") || name.starts_with("copy /context")
}

/// Why a step failed, where that was no program of its own, which has said so itself.
pub(super) fn engines_own(error: &str) -> Option<&str> {
    let error = error.trim();
    (!error.is_empty() && !error.contains("exit code")).then_some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_fits() {
        let name = "[builder 2/3] RUN --mount=type=cache,target=/x   cargo build \n --release";
        assert_eq!(one_line(name), "[builder 2/3] RUN cargo build --release");
        let long = one_line(&"ä".repeat(500));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with('…'));
    }
}
