//! What steps write, without the secrets in it: a program that prints the token it was given, as many do when they are
//! asked to tell more, prints it into logs that are kept.

use std::collections::HashMap;

use crate::engine::{BuildSecret, Event, Progress, Result};

/// What is written in place of a secret.
const MARK: &[u8] = b"[secret]";

/// Bytes from which on something is taken for a secret: what is shorter stands in every other word.
const SHORTEST: usize = 4;

/// Progress in which no secret can be read.
pub(super) struct Veil<'p> {
    inner: &'p mut dyn Progress,
    /// Longest first: one may be part of another.
    values: Vec<Vec<u8>>,
    /// Beginnings of lines, by step: a secret may come in two pieces.
    open: HashMap<String, Vec<u8>>,
}

impl<'p> Veil<'p> {
    /// `inner` without these.
    ///
    /// # Errors
    /// A secret that cannot be read.
    pub(super) fn of(secrets: &[BuildSecret], inner: &'p mut dyn Progress) -> Result<Self> {
        let mut values = Vec::new();
        for secret in secrets {
            let value = secret.value()?;
            // Those of several lines, such as keys, are printed by the line.
            let lines = value.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
            values.extend(lines.filter(|line| line.len() >= SHORTEST).map(<[u8]>::to_vec));
        }
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Ok(Self { inner, values, open: HashMap::new() })
    }

    fn veiled(&self, text: &[u8]) -> Vec<u8> {
        let mut rest = text;
        let mut veiled = Vec::with_capacity(text.len());
        while let Some((first, others)) = rest.split_first() {
            match self.values.iter().find(|value| rest.starts_with(value)) {
                Some(value) => {
                    veiled.extend_from_slice(MARK);
                    rest = &rest[value.len()..];
                }
                None => {
                    veiled.push(*first);
                    rest = others;
                }
            }
        }
        veiled
    }

    /// Passes on of a step's output what ends here.
    fn pass(&mut self, id: String, bytes: &[u8]) {
        if !bytes.is_empty() {
            let bytes = self.veiled(bytes);
            self.inner.event(Event::StepLog { id, bytes });
        }
    }
}

impl Progress for Veil<'_> {
    fn event(&mut self, event: Event) {
        if self.values.is_empty() {
            return self.inner.event(event);
        }
        match event {
            Event::StepLog { id, bytes } => {
                let mut held = self.open.remove(&id).unwrap_or_default();
                held.extend_from_slice(&bytes);
                let ended =
                    held.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
                let begun = held.split_off(ended);
                self.open.insert(id.clone(), begun);
                self.pass(id, &held);
            }
            Event::StepFinished { ref id, .. } => {
                if let Some(begun) = self.open.remove(id) {
                    self.pass(id.clone(), &begun);
                }
                self.inner.event(event);
            }
            event => self.inner.event(event),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use std::time::Duration;

    use super::*;
    use crate::engine::SecretSource;

    #[derive(Default)]
    struct Heard(Vec<u8>);

    impl Progress for Heard {
        fn event(&mut self, event: Event) {
            if let Event::StepLog { bytes, .. } = event {
                self.0.extend_from_slice(&bytes);
            }
        }
    }

    fn heard(secret: &str, pieces: &[&str]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), secret).unwrap();
        let source = SecretSource::File(file.path().to_owned());
        let mut inner = Heard::default();
        let secrets = [BuildSecret { id: "token".to_owned(), source }];
        let mut veil = Veil::of(&secrets, &mut inner).unwrap();
        let id = || "step".to_owned();
        for piece in pieces {
            veil.event(Event::StepLog { id: id(), bytes: piece.as_bytes().to_vec() });
        }
        veil.event(Event::StepFinished { id: id(), cached: false, took: Duration::ZERO, error: None });
        String::from_utf8(inner.0).unwrap()
    }

    #[test]
    fn a_secret_is_not_read_however_it_is_cut() {
        let text = "> Authorization: hunter2\nhunter, hunter2hunter2 and the end";
        for at in 0..text.len() {
            let told = heard("hunter2\n", &[&text[..at], &text[at..]]);
            assert_eq!(told, "> Authorization: [secret]\nhunter, [secret][secret] and the end");
        }
    }

    #[test]
    fn a_key_of_several_lines_is_not_read_either() {
        let key = "-----BEGIN KEY-----\nabcdef\nghijkl\n-----END KEY-----\n";
        assert_eq!(heard(key, &["ghijkl abcdef\n"]), "[secret] [secret]\n");
    }

    #[test]
    fn what_is_too_short_to_be_one_hides_nothing() {
        assert_eq!(heard("a", &["a banana\n"]), "a banana\n");
    }
}
