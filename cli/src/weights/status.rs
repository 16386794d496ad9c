//! How each weight stands: whether it was imported as the configuration has it, and whether the registry has it all.

use std::path::Path;

use futures_util::{StreamExt, TryStreamExt};

use super::lock::{Entry, FILE, Lock};
use super::{Error, Result, drift};
use crate::config::Weight;
use crate::registry::Registry;

/// The status of a weight that can be used.
pub const READY: &str = "ready";
/// Layers that are asked for at once.
const AT_ONCE: usize = 8;

/// How a weight stands.
#[derive(Debug)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Its target.
    pub target: String,
    /// `ready`, `incomplete`, `stale`, `pending` or `orphaned`.
    pub status: &'static str,
    /// What was imported.
    pub entry: Option<Entry>,
    /// Whether the registry has each of its layers.
    pub layers: Vec<bool>,
}

/// Asks how every weight of the configuration and of the lock file stands. A registry that fails has nothing.
///
/// # Errors
/// A lock file that is none.
pub async fn status(project: &Path, weights: &[Weight], registry: &Registry) -> Result<Vec<Standing>> {
    let lock = Lock::read(&project.join(FILE))?;
    let known = lock.map_or_else(Vec::new, |lock| lock.weights);
    let mut standings = Vec::new();
    for weight in weights {
        let entry = known.iter().find(|entry| entry.name == weight.name).cloned();
        let (name, target) = (weight.name.clone(), weight.target.clone());
        let (status, layers) = match &entry {
            None => ("pending", Vec::new()),
            Some(entry) => {
                let layers = there(registry, entry).await;
                let stale =
                    !drift::changes(project, weight, entry).is_empty() || entry.contradiction().is_some();
                let whole = layers.iter().all(|there| *there);
                (
                    if stale {
                        "stale"
                    } else if whole {
                        READY
                    } else {
                        "incomplete"
                    },
                    layers,
                )
            }
        };
        standings.push(Standing { name, target, status, entry, layers });
    }
    for entry in known.into_iter().filter(|entry| weights.iter().all(|weight| weight.name != entry.name)) {
        let (name, target) = (entry.name.clone(), entry.target.clone());
        standings.push(Standing { name, target, status: "orphaned", entry: Some(entry), layers: Vec::new() });
    }
    Ok(standings)
}

/// Makes sure that the registry has every weight of a lock file, before anything there names them.
///
/// # Errors
/// One that it lacks, or a registry that refuses.
pub async fn all_there(registry: &Registry, repository: &str, lock: &Lock) -> Result<()> {
    futures_util::stream::iter(&lock.weights)
        .map(|entry| async {
            if registry.holds(&entry.digest).await? {
                return Ok(());
            }
            Err(Error::NotThere { repository: repository.to_owned(), weight: entry.name.clone() })
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn there(registry: &Registry, entry: &Entry) -> Vec<bool> {
    futures_util::stream::iter(&entry.layers)
        .map(|layer| async { registry.has(&layer.digest).await.unwrap_or(false) })
        .buffered(AT_ONCE)
        .collect()
        .await
}
