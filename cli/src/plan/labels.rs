//! Labels that are known before the build.

use std::collections::BTreeMap;

use super::{Cuda, Origin};
use crate::config::Config;
use crate::credentials;

/// The labels of a plan. The configuration in them is completed: it has the CUDA that was chosen.
pub(super) fn labels(config: &Config, cuda: Option<&Cuda>, origin: &Origin) -> BTreeMap<String, String> {
    let mut config = config.clone();
    if let Some(cuda) = cuda {
        config.build.cuda = Some(cuda.version.clone());
        config.build.cudnn = Some(cuda.cudnn.clone());
    }
    // Whoever may read the image may not therefore read what it was made of.
    for source in config.weights.iter_mut().flat_map(|weight| &mut weight.source) {
        source.uri = credentials::stripped(&source.uri).into_owned();
    }
    let targets = cuda.map(|cuda| cuda.targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let targets = targets.filter(|targets| !targets.is_empty());
    let config = serde_json::to_string(&config).unwrap_or_else(|_| "{}".to_owned());
    let labels = [
        ("run.cog.version", Some(env!("CARGO_PKG_VERSION").to_owned())),
        ("run.cog.config", Some(config)),
        ("run.cog.has_init", Some("true".to_owned())),
        (crate::cuda::LABEL, targets),
        ("org.opencontainers.image.revision", origin.revision.clone()),
        ("org.opencontainers.image.version", origin.version.clone()),
    ];
    labels.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
