//! A model that gives its text piece by piece, as it makes it.

use std::time::Duration;

use cog::prelude::*;

/// Repeats a text word by word
#[cog::predict]
fn tell(
    /// What to say
    prompt: String,
    /// Seconds between two words
    #[input(default = 0.1, ge = 0, le = 10)]
    pause: f64,
    ctx: &Prediction,
) -> impl Iterator<Item = Result<Token>> {
    let words: Vec<String> = prompt.split_inclusive(' ').map(str::to_owned).collect();
    words.into_iter().map(move |word| {
        // A network would compute here. A prediction that is canceled ends in this line.
        ctx.sleep(Duration::from_secs_f64(pause))?;
        ctx.increment_metric("words", 1)?;
        Ok(Token::from(word))
    })
}

fn main() -> ExitCode {
    cog::main::<tell>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_the_text_word_by_word() -> Result<()> {
        let outcome = cog::testing::predict::<tell>(r#"{"prompt": "one two", "pause": 0}"#.parse()?);
        assert_eq!(outcome.metrics["words"], 2);
        assert_eq!(outcome.unwrap().to_string(), r#"["one ","two"]"#);
        Ok(())
    }
}
