//! Which architectures a GPU model is compiled for.

use super::PlanError;
use crate::cuda::{Architecture, Reach, Target, Version};
use crate::project::Accelerator;

/// Compiled for where `cog.yaml` names none: GPUs since 2020, later ones by what the driver compiles.
const DEFAULT: Architecture = Architecture { major: 8, minor: 0 };
/// From this one on, `cudaforge` compiles for one architecture and no later one.
const EXCLUSIVE: Architecture = Architecture { major: 9, minor: 0 };
/// Packages that compile a model's kernels, for one architecture.
const COMPILERS: &[&str] = &["candle-kernels", "cudaforge", "bindgen_cuda"];

/// What the compilers of kernels are told.
pub(super) fn variables(asked: &[Architecture]) -> Vec<(&'static str, String)> {
    let asked = if asked.is_empty() { &[DEFAULT] } else { asked };
    let lowest = asked.iter().min().copied().unwrap_or(DEFAULT);
    let all: Vec<String> = asked.iter().map(|one| one.digits()).collect();
    vec![("CUDA_COMPUTE_CAP", lowest.digits()), ("CUDAARCHS", all.join(";"))]
}

/// What the image will run on; nothing where that is not a matter of compiling.
///
/// # Errors
/// A CUDA that does not compile for an architecture, or more of them than the packages can be compiled for.
pub(super) fn targets(
    asked: &[Architecture],
    accelerators: &[Accelerator],
    cuda: Version,
) -> Result<Vec<Target>, PlanError> {
    for architecture in asked {
        architecture.known_to(cuda).map_err(PlanError::Architecture)?;
    }
    let compiler = accelerators.iter().find(|one| COMPILERS.contains(&&*one.name));
    match (compiler, asked) {
        (Some(one), [lowest, _, ..]) => Err(PlanError::ManyArchitectures {
            package: format!("`{}` {}", one.name, one.version),
            lowest: *lowest,
        }),
        (Some(_), [] | [_]) => {
            let architecture = asked.first().copied().unwrap_or(DEFAULT);
            let reach = if architecture >= EXCLUSIVE { Reach::Only } else { Reach::Later };
            Ok(vec![Target { architecture, reach }])
        }
        // CMake's choice for a bare number: code for it, and what drivers of later ones compile.
        (None, asked) => Ok(asked
            .iter()
            .map(|architecture| Target { architecture: *architecture, reach: Reach::Generation })
            .collect()),
    }
}
