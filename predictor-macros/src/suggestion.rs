//! "Did you mean …?"

/// The known word nearest to the one written, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = (written.len() / 3).max(1);
    let near = known.iter().map(|word| (distance(written, word), *word)).min()?;
    (near.0 <= allowed).then_some(near.1)
}

/// How many letters must be put in, left out, changed or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=right.len()).collect();
    for i in 1..=left.len() {
        for j in 1..=right.len() {
            let change = usize::from(left[i - 1] != right[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: [&str; 4] = ["default", "choices", "min_length", "max_length"];

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(nearest("defualt", &KNOWN), Some("default"));
        assert_eq!(nearest("choice", &KNOWN), Some("choices"));
        assert_eq!(nearest("maxlength", &KNOWN), Some("max_length"));
    }

    #[test]
    fn another_word_finds_none() {
        assert_eq!(nearest("step", &KNOWN), None);
    }
}
