//! Which CUDA a GPU model gets: the one `cog.yaml` names, else the one its locked packages need.

use serde::Serialize;

use super::PlanError;
use super::accelerator::{self, Need};
use crate::config::Build;
use crate::cuda::{self, Version};
use crate::project::Accelerator;

/// Chosen where nothing in the project needs a particular version.
const DEFAULT: Version = Version { major: 13, minor: 0, patch: None };

/// The CUDA a GPU model is built for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cuda {
    /// Full version, `13.0.3`.
    pub version: String,
    /// Major version of cuDNN.
    pub cudnn: String,
    /// Ubuntu release of the images, `24.04`.
    pub ubuntu: String,
    /// What decided the version, in words.
    pub reason: String,
    /// Libraries that the model opens at run time without linking them, without `lib` and suffix.
    pub libraries: Vec<String>,
    /// Whether the toolkit's headers are needed at run time, by a compiler in the model.
    pub headers: bool,
    /// Image the model is compiled in.
    #[serde(skip)]
    pub builder: String,
    /// Image the model runs on.
    #[serde(skip)]
    pub base: String,
}

/// Resolves the CUDA of a GPU model, with warnings for the author.
pub(super) fn resolve(build: &Build, accelerators: &[Accelerator]) -> Result<(Cuda, Vec<String>), PlanError> {
    let mut warnings = Vec::new();
    let given = build.cuda.as_deref().and_then(|text| text.parse::<Version>().ok());
    let (version, reason) = match given {
        Some(version) => {
            for need in accelerators.iter().filter_map(|one| accelerator::need(one).ok().flatten()) {
                if need.exact && need.version.minor_only() != version.minor_only() {
                    warnings.push(format!(
                        "{} is set up for CUDA {}, but `build.cuda` is {version}",
                        need.package, need.version
                    ));
                }
            }
            (version, "`build.cuda`".to_owned())
        }
        None => derive(accelerators)?,
    };
    let image = cuda::find(&version, build.cudnn.as_deref())
        .map_err(|source| PlanError::Cuda { reason: reason.clone(), source })?;
    let cuda = Cuda {
        version: image.cuda.to_string(),
        cudnn: image.cudnn.clone(),
        ubuntu: image.ubuntu.clone(),
        reason,
        libraries: accelerator::libraries(accelerators),
        headers: accelerator::headers(accelerators),
        builder: format!("nvidia/cuda:{}", image.tag),
        base: format!("nvidia/cuda:{}", image.base_tag()),
    };
    Ok((cuda, warnings))
}

/// The version that the packages agree on. One that must be exactly so beats one that is merely the best known.
fn derive(accelerators: &[Accelerator]) -> Result<(Version, String), PlanError> {
    let mut needs: Vec<Need> = Vec::new();
    for one in accelerators {
        needs.extend(accelerator::need(one)?);
    }
    let exact: Vec<&Need> = needs.iter().filter(|need| need.exact).collect();
    if let [first, rest @ ..] = &exact[..] {
        if let Some(other) = rest.iter().find(|other| other.version != first.version) {
            return Err(PlanError::Conflict {
                one: first.package.clone(),
                first: first.version.to_string(),
                other: other.package.clone(),
                second: other.version.to_string(),
            });
        }
        return Ok((first.version, format!("{} in Cargo.lock", first.package)));
    }
    // Each names the newest it is known to work with: the oldest of those suits all.
    Ok(match needs.iter().min_by_key(|need| need.version) {
        Some(need) => (need.version, format!("{} in Cargo.lock", need.package)),
        None => (DEFAULT, "the default, as no package in Cargo.lock needs a particular one".to_owned()),
    })
}
