//! Which CUDA a GPU model gets: the one `cog.yaml` names, else the one its locked packages need.

use serde::{Serialize, Serializer};

use super::PlanError;
use super::accelerator::{self, Fit, Need};
use super::architectures;
use crate::config::{Build, EnvVar};
use crate::cuda::{self, Target, Version};
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
    /// Whether the model runs nowhere else.
    pub required: bool,
    /// What the image's code runs on; empty where no package compiles kernels beforehand.
    #[serde(serialize_with = "texts")]
    pub targets: Vec<Target>,
    /// What builds of packages are told, in order.
    pub variables: Vec<EnvVar>,
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

fn texts<S: Serializer>(targets: &[Target], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(targets.iter().map(ToString::to_string))
}

/// Resolves the CUDA of a GPU model, with warnings for the author.
pub(super) fn resolve(build: &Build, accelerators: &[Accelerator]) -> Result<(Cuda, Vec<String>), PlanError> {
    let mut warnings = Vec::new();
    let given = build.cuda.as_deref().and_then(|text| text.parse::<Version>().ok());
    let (version, reason) = match given {
        Some(version) => {
            for need in accelerators.iter().filter_map(|one| accelerator::need(one).ok().flatten()) {
                let Need { package, version: needed, fit } = &need;
                if !need.takes(version) {
                    return Err(PlanError::Mismatch {
                        package: package.clone(),
                        needed: needed.to_string(),
                        given: version.to_string(),
                    });
                }
                if need.doubts(version) {
                    warnings.push(match fit {
                        Fit::Newest => format!(
                            "{package} is known to work with CUDA up to {needed}, but `build.cuda` is {version}"
                        ),
                        _ => format!("{package} is set up for CUDA {needed}, but `build.cuda` is {version}"),
                    });
                }
            }
            (version, "`build.cuda`".to_owned())
        }
        None => derive(accelerators)?,
    };
    let image = cuda::find(&version, build.cudnn.as_deref())
        .map_err(|source| PlanError::Cuda { reason: reason.clone(), source })?;
    if let Some(package) = accelerator::without_cuda(accelerators) {
        warnings.push(format!(
            "`build.gpu` is set, but {package} is compiled without CUDA: switch its `cuda` feature on"
        ));
    }
    let targets = architectures::targets(&build.cuda_architectures, accelerators, image.cuda)?;
    let mut variables = architectures::variables(&build.cuda_architectures);
    variables.extend(accelerator::variables(accelerators, image.cuda));
    let variables = variables.into_iter().map(|(name, value)| EnvVar { name: name.to_owned(), value });
    let cuda = Cuda {
        required: build.gpu_required,
        targets,
        variables: variables.collect(),
        version: image.cuda.to_string(),
        cudnn: image.cudnn.clone(),
        ubuntu: image.ubuntu.clone(),
        reason,
        libraries: accelerator::libraries(accelerators),
        headers: accelerator::headers(accelerators),
        builder: format!("nvidia/cuda:{}", image.tag),
        base: format!("nvidia/cuda:{}", image.base),
    };
    Ok((cuda, warnings))
}

/// The version that the packages agree on. One that must be exactly so beats one that is merely the best known.
fn derive(accelerators: &[Accelerator]) -> Result<(Version, String), PlanError> {
    let mut needs: Vec<Need> = Vec::new();
    for one in accelerators {
        needs.extend(accelerator::need(one)?);
    }
    // The pickiest decides, and the others must take that.
    let mut told: Vec<&Need> = needs.iter().filter(|need| need.fit != Fit::Newest).collect();
    told.sort_by_key(|need| match need.fit {
        Fit::Told => 0,
        Fit::Generation | Fit::Newest => 1,
    });
    if let [first, rest @ ..] = &told[..] {
        let other_told = |other: &&&Need| {
            !other.takes(first.version) || other.fit == first.fit && other.doubts(first.version)
        };
        if let Some(other) = rest.iter().find(other_told) {
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

#[cfg(test)]
mod tests {
    use super::*;

    type Locked = (&'static str, &'static str, &'static [&'static str]);

    const CANDLE: &[Locked] = &[
        ("candle-core", "0.11.1", &["cuda"]),
        ("candle-kernels", "0.11.1", &[]),
        ("cudarc", "0.19.10", &["cuda-version-from-build-system", "cublas", "dynamic-linking", "nvrtc"]),
    ];
    const CUDARC: &[Locked] = &[("cudarc", "0.19.10", &["cuda-12060"])];
    const ORT: &[Locked] = &[("ort", "2.0.0-rc.15", &["cuda", "download-binaries"])];
    const TCH: &[Locked] = &[("tch", "0.24.0", &["download-libtorch"])];

    fn resolved(
        cuda: &str,
        architectures: &[&str],
        locked: &[Locked],
    ) -> Result<(Cuda, Vec<String>), PlanError> {
        let build = Build {
            gpu: true,
            cuda: (!cuda.is_empty()).then(|| cuda.to_owned()),
            cuda_architectures: architectures.iter().filter_map(|text| text.parse().ok()).collect(),
            ..Build::default()
        };
        let accelerators: Vec<Accelerator> = locked
            .iter()
            .map(|(name, version, features)| Accelerator {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                features: Some(features.iter().map(|feature| (*feature).to_owned()).collect()),
            })
            .collect();
        resolve(&build, &accelerators)
    }

    #[test]
    fn what_is_locked_decides_the_version() {
        for (locked, version, reason) in [
            (CANDLE, "13.0.3", "`cudarc` 0.19.10 in Cargo.lock"),
            (CUDARC, "12.6.3", "`cudarc` 0.19.10 in Cargo.lock"),
            (ORT, "13.0.3", "`ort` 2.0.0-rc.15 in Cargo.lock"),
            (TCH, "12.8.1", "`tch` 0.24.0 in Cargo.lock"),
            (&[("ort", "2.0.0-rc.9", &["cuda", "load-dynamic"])], "13.0.3", "the default"),
            // As burn has it.
            (
                &[
                    ("cubecl-cuda", "0.12.0", &[]),
                    ("cudarc", "0.18.2", &["cuda-12080", "fallback-dynamic-loading"]),
                ],
                "12.8.1",
                "`cudarc` 0.18.2 in Cargo.lock",
            ),
            // A library that takes any CUDA 13, and one that was told of 13.1.
            (
                &[
                    ("cudarc", "0.19.10", &["cuda-13010"]),
                    ("ort", "2.0.0-rc.15", &["cuda", "download-binaries"]),
                ],
                "13.1.2",
                "`cudarc` 0.19.10 in Cargo.lock",
            ),
        ] {
            match resolved("", &[], locked) {
                Ok((cuda, warnings)) => {
                    assert_eq!(cuda.version, version, "{locked:?}");
                    assert!(cuda.reason.starts_with(reason), "{} for {locked:?}", cuda.reason);
                    assert_eq!(warnings, [""; 0]);
                }
                Err(error) => panic!("{error} for {locked:?}"),
            }
        }
    }

    #[test]
    fn what_cannot_match_is_refused_with_what_to_do() {
        for (cuda, architectures, locked, said, hint) in [
            (
                "13.0",
                &[][..],
                CUDARC,
                "`cudarc` 0.19.10 is made for CUDA 12.6, and `build.cuda` is 13.0",
                "write `cuda: \"12.6\"`, or take the key out; else change the package's version or features",
            ),
            (
                "12.4",
                &[],
                ORT,
                "`ort` 2.0.0-rc.15 is made for CUDA 13.0, and `build.cuda` is 12.4",
                "write `cuda: \"13.0\"`, or take the key out; else change the package's version or features",
            ),
            (
                "13.0",
                &[],
                TCH,
                "`tch` 0.24.0 is made for CUDA 12.8, and `build.cuda` is 13.0",
                "write `cuda: \"12.8\"`, or take the key out; else change the package's version or features",
            ),
            (
                "",
                &[],
                &[
                    ("cudarc", "0.19.10", &["cuda-12060"]),
                    ("ort", "2.0.0-rc.15", &["cuda", "download-binaries"]),
                ],
                "`cudarc` 0.19.10 needs CUDA 12.6, but `ort` 2.0.0-rc.15 needs CUDA 13.0",
                "align the versions or features of the two in `Cargo.toml`",
            ),
            (
                "",
                &[],
                &[("ort", "2.0.0-rc.9", &["cuda", "download-binaries"])],
                "which CUDA `ort` 2.0.0-rc.9 needs is not known",
                "say it with `build.cuda` in `cog.yaml`, for example \"13.0\"",
            ),
            (
                "12.4",
                &["12.0"],
                &[],
                "CUDA 12.4.1 does not know architecture 12.0 yet",
                "CUDA 12.8 is the first that does; set `build.cuda`",
            ),
            (
                "13.0",
                &["7.0"],
                &[],
                "CUDA 13.0.3 no longer compiles for architecture 7.0",
                "7.5 is the oldest it compiles for; take an older `build.cuda`, or a newer architecture",
            ),
            (
                "13.0",
                &["8.0", "9.0"],
                CANDLE,
                "`candle-kernels` 0.11.1 is compiled for one architecture, and `build.cuda_architectures` names several",
                "name the lowest, `[\"8.0\"]`: below 9.0, drivers of later GPUs compile most kernels anew; or build an \
                 image for each",
            ),
        ] {
            match resolved(cuda, architectures, locked) {
                Ok((cuda, _)) => panic!("{} for {locked:?}", cuda.version),
                Err(error) => {
                    assert_eq!(error.to_string(), said);
                    assert_eq!(error.hint().as_deref(), Some(hint));
                }
            }
        }
    }

    #[test]
    fn what_probably_matches_is_warned_of() -> Result<(), PlanError> {
        for (cuda, locked, warning) in [
            ("12.4", CUDARC, "`cudarc` 0.19.10 is set up for CUDA 12.6, but `build.cuda` is 12.4"),
            (
                "13.0",
                &[("cudarc", "0.16.6", &["cuda-version-from-build-system"])],
                "`cudarc` 0.16.6 is known to work with CUDA up to 12.8, but `build.cuda` is 13.0",
            ),
            (
                "13.0",
                &[("candle-core", "0.11.1", &[])],
                "`build.gpu` is set, but `candle-core` 0.11.1 is compiled without CUDA: switch its `cuda` feature on",
            ),
        ] {
            assert_eq!(resolved(cuda, &[], locked)?.1, [warning]);
        }
        assert_eq!(resolved("13.1", &[], ORT)?.1, [""; 0]);
        Ok(())
    }

    #[test]
    fn code_is_compiled_for_what_was_asked_and_the_image_tells() -> Result<(), PlanError> {
        for (architectures, locked, targets, variables) in [
            (&[][..], CANDLE, &["8.0+PTX"][..], "CUDA_COMPUTE_CAP=80 CUDAARCHS=80"),
            (&["7.5"], CANDLE, &["7.5+PTX"], "CUDA_COMPUTE_CAP=75 CUDAARCHS=75"),
            (&["9.0"], CANDLE, &["9.0a"], "CUDA_COMPUTE_CAP=90 CUDAARCHS=90"),
            (&["8.0", "9.0"], &[], &["8.0", "9.0"], "CUDA_COMPUTE_CAP=80 CUDAARCHS=80;90"),
            (&[], ORT, &[], "CUDA_COMPUTE_CAP=80 CUDAARCHS=80 ORT_CUDA_VERSION=13"),
            (&[], TCH, &[], "CUDA_COMPUTE_CAP=80 CUDAARCHS=80 TORCH_CUDA_VERSION=cu128"),
        ] {
            let (cuda, _) = resolved("", architectures, locked)?;
            assert_eq!(cuda.targets.iter().map(ToString::to_string).collect::<Vec<_>>(), targets);
            let told: Vec<_> =
                cuda.variables.iter().map(|one| format!("{}={}", one.name, one.value)).collect();
            assert_eq!(told.join(" "), variables);
        }
        Ok(())
    }

    #[test]
    fn libraries_are_those_that_are_opened_while_the_model_runs() -> Result<(), PlanError> {
        for (locked, libraries) in [
            (CANDLE, &["cublas", "cublasLt", "nvrtc", "nvrtc-builtins"][..]),
            (&[("cudarc", "0.19.10", &["cuda-13000", "curand", "static-linking"])], &[]),
        ] {
            assert_eq!(resolved("", &[], locked)?.0.libraries, libraries);
        }
        for locked in [&[("cudarc", "0.19.10", &["cudnn-09021"][..])], ORT] {
            let (cuda, _) = resolved("", &[], locked)?;
            assert!(cuda.libraries.iter().any(|name| name == "cudnn_ops"), "{:?}", cuda.libraries);
        }
        Ok(())
    }
}
