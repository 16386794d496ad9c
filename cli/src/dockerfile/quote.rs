//! Quoting, so that a value means itself and nothing more.

/// One word of a shell's command line.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The value of a Dockerfile's `ENV`.
pub(super) fn value(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_themselves_to_a_shell() {
        for (text, quoted) in
            [("a-b_c.d/e", "a-b_c.d/e"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$x", "'$x'")]
        {
            assert_eq!(word(text), quoted);
        }
    }

    #[test]
    fn values_mean_themselves_to_a_dockerfile() {
        for (text, quoted) in
            [("plain", r#""plain""#), ("a b", r#""a b""#), (r#"$HOME\ "x""#, r#""\$HOME\\ \"x\"""#)]
        {
            assert_eq!(value(text), quoted);
        }
    }
}
