//! Whether `weights.lock` is of the `cog.yaml` beside it.

use std::path::Path;

use super::lock::{FILE, Lock};
use super::source::Address;
use super::{Error, Result};
use crate::config::Weight;

/// Holds the configuration against the lock file; where there are no weights in either, there is nothing to hold.
///
/// # Errors
/// What differs, all of it; or a lock file that is none, or that was edited.
pub fn check(project: &Path, weights: &[Weight]) -> Result<Option<Lock>> {
    let lock = Lock::read(&project.join(FILE))?;
    let known = lock.as_ref().map_or(&[][..], |lock| &lock.weights);
    if weights.is_empty() && !known.is_empty() {
        return Err(Error::Leftover);
    }
    let mut lines = Vec::new();
    for weight in weights {
        match known.iter().find(|entry| entry.name == weight.name) {
            None => lines.push(format!("{}: not imported yet", weight.name)),
            Some(entry) => {
                let changed = changes(project, weight, entry);
                if !changed.is_empty() {
                    lines.push(format!(
                        "{}: cog.yaml has another {}",
                        weight.name,
                        changed.join(" and another ")
                    ));
                }
            }
        }
    }
    let gone = known.iter().filter(|entry| weights.iter().all(|weight| weight.name != entry.name));
    lines.extend(gone.map(|entry| format!("{}: no longer in cog.yaml", entry.name)));
    if !lines.is_empty() {
        return Err(Error::Drift(lines));
    }
    for entry in known {
        if let Some(reason) = entry.contradiction() {
            return Err(Error::Edited { name: entry.name.clone(), reason });
        }
    }
    Ok(lock)
}

/// The keys of a weight that are not what was imported.
pub(super) fn changes(project: &Path, weight: &Weight, entry: &super::lock::Entry) -> Vec<&'static str> {
    let mut changed = Vec::new();
    if weight.target != entry.target {
        changed.push("target");
    }
    let same = weight.source.len() == entry.sources.len()
        && weight.source.iter().zip(&entry.sources).all(|(wanted, had)| {
            let uri = Address::of(&wanted.uri, project).map_or_else(|_| wanted.uri.clone(), |(uri, _)| uri);
            uri == had.uri && sorted(&wanted.include) == had.include && sorted(&wanted.exclude) == had.exclude
        });
    if !same {
        changed.push("source");
    }
    changed
}

/// As a lock file has patterns.
pub(super) fn sorted(patterns: &[String]) -> Vec<String> {
    let mut patterns = patterns.to_vec();
    patterns.sort_unstable();
    patterns
}
