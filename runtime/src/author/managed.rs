//! Managed weights: those that `cog.yaml` lists, each with a name and a directory in the container.
//!
//! In a container they lie at their targets. Outside of one the command line lays them out elsewhere and says where.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The list of them in an image, beside the model's schema.
const LIST: &str = ".cog/weights.json";
/// Where the working directory is in a container.
const WORKING: &str = "/src";

/// Where the managed weights are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Managed(Vec<Weight>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Weight {
    name: String,
    target: PathBuf,
    place: PathBuf,
}

impl Managed {
    /// Those of `mounts`, a directory with one for each and a list; where there is none, those of the image that this
    /// runs in.
    pub(crate) fn find(mounts: Option<&Path>) -> Self {
        #[derive(Deserialize)]
        struct List {
            weights: Vec<One>,
        }
        #[derive(Deserialize)]
        struct One {
            name: String,
            target: PathBuf,
        }
        let list = mounts.map_or_else(|| PathBuf::from(LIST), |mounts| mounts.join("weights.json"));
        let list: Option<List> = std::fs::read(list).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let weight = |One { name, target }: One| {
            let place = mounts.map_or_else(|| target.clone(), |mounts| mounts.join(&name));
            Weight { name, target, place }
        };
        Self(list.map_or_else(Vec::new, |list| list.weights.into_iter().map(weight).collect()))
    }

    /// Where a path may lie: as a container would have it, and by a weight's name in front of it.
    pub(crate) fn places(&self, path: &Path) -> impl Iterator<Item = PathBuf> {
        let whole = Path::new(WORKING).join(path);
        let below = |place: &Path, rest: &Path| {
            if rest.as_os_str().is_empty() { place.to_owned() } else { place.join(rest) }
        };
        let by_target = self
            .0
            .iter()
            .find_map(|weight| Some(below(&weight.place, whole.strip_prefix(&weight.target).ok()?)));
        let by_name = self
            .0
            .iter()
            .find_map(|weight| Some(below(&weight.place, path.strip_prefix(&weight.name).ok()?)));
        by_target.into_iter().chain(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(managed: &Managed, path: &str) -> Vec<String> {
        managed.places(Path::new(path)).map(|place| place.display().to_string()).collect()
    }

    fn mounts() -> std::io::Result<tempfile::TempDir> {
        let mounts = tempfile::tempdir()?;
        let list = r#"{"weights":[{"name":"net","target":"/src/net","setDigest":"sha256:0"},
            {"name":"words","target":"/weights/words"}]}"#;
        std::fs::write(mounts.path().join("weights.json"), list)?;
        Ok(mounts)
    }

    #[test]
    fn a_weight_is_found_by_its_target_and_by_its_name() -> std::io::Result<()> {
        let mounts = mounts()?;
        let managed = Managed::find(Some(mounts.path()));
        let at = |place: &str| mounts.path().join(place).display().to_string();
        assert_eq!(places(&managed, "/weights/words/a.txt"), [at("words/a.txt")]);
        assert_eq!(places(&managed, "words/a.txt"), [at("words/a.txt")]);
        assert_eq!(places(&managed, "/src/net/deep/x"), [at("net/deep/x")]);
        assert_eq!(places(&managed, "net"), [at("net"), at("net")]);
        assert_eq!(places(&managed, "network/x"), Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn without_a_list_nothing_is_managed() {
        let managed = Managed::find(Some(Path::new("/nowhere")));
        assert_eq!(managed, Managed::default());
        assert_eq!(places(&managed, "net/x"), Vec::<String>::new());
    }
}
