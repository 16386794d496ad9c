//! Which files of a project are managed weights, and so go neither into a build's context nor into its image.

use std::path::{Path, PathBuf};

use super::filter::Filter;
use super::source::Address;
use crate::config::Weight;

/// What the weights of a project claim of its files.
#[derive(Debug, Default)]
pub struct Claims(Vec<(PathBuf, Filter)>);

impl Claims {
    /// Of the weights of the project in that directory. A source that means nothing claims nothing: what is wrong with
    /// it is told by those who read it.
    pub fn of(project: &Path, weights: &[Weight]) -> Self {
        let sources = weights.iter().flat_map(|weight| &weight.source);
        let claim = |source: &crate::config::WeightSource| {
            let Ok((_, Address::Directory(place))) = Address::of(&source.uri, project) else { return None };
            Some((place, Filter::new(&source.include, &source.exclude).ok()?))
        };
        Self(sources.filter_map(claim).collect())
    }

    /// Whether the file at that path is of a weight.
    pub fn has(&self, path: &Path) -> bool {
        self.0.iter().any(|(directory, filter)| {
            let below = path.strip_prefix(directory).ok().and_then(Path::to_str);
            below.is_some_and(|below| !below.is_empty() && filter.admits(below))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WeightSource;

    #[test]
    fn what_a_weight_admits_is_claimed() {
        let source = |uri: &str, exclude: &[&str]| WeightSource {
            uri: uri.to_owned(),
            include: Vec::new(),
            exclude: exclude.iter().map(|&pattern| pattern.to_owned()).collect(),
        };
        let weight = Weight {
            name: "net".to_owned(),
            target: "/src/net".to_owned(),
            source: vec![source("net", &["*.md"]), source("../elsewhere", &[])],
        };
        let claims = Claims::of(Path::new("/p"), &[weight]);
        for (path, claimed) in [
            ("/p/net/a.bin", true),
            ("/p/net/deep/a", true),
            ("/p/net/README.md", false),
            ("/p/network/a", false),
            ("/p/labels.txt", false),
        ] {
            assert_eq!(claims.has(Path::new(path)), claimed, "{path}");
        }
    }
}
