//! What is promised about the places where bytes come from outside, whatever the bytes: each target panics where a
//! promise does not hold. `tests/fuzz/run` looks for such bytes; what it kept is tried by every `cargo test`.

mod data_url;
mod envelope;
mod events;
mod form;
mod frames;
mod schema;
mod source;
mod url;

type Target = fn(&[u8]);

/// Every target; its corpus is in `tests/fuzz/corpus`, in a folder of its name.
const TARGETS: [(&str, Target); 7] = [
    ("data_url", data_url::target),
    ("envelope", envelope::target),
    ("events", events::target),
    ("form", form::target),
    ("frames", frames::target),
    ("schema", schema::target),
    ("url", url::target),
];

/// Gives the bytes to the target of that name.
///
/// # Panics
/// Where a promise does not hold, or there is no such target.
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    let (_, target) = target.expect("a target of this name");
    target(bytes);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_promise_holds_for_all_that_fuzzing_has_kept() -> std::io::Result<()> {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
        for (name, _) in TARGETS {
            let mut tried = 0;
            for entry in fs::read_dir(corpora.join(name))? {
                crate::fuzzing::run(name, &fs::read(entry?.path())?);
                tried += 1;
            }
            assert!(tried > 5, "the corpus of `{name}` has {tried} files");
        }
        Ok(())
    }
}
