//! What each locked package asks of CUDA.
//!
//! One rule per package, kept together because they age together: a new release of one of them changes this file only.

use super::PlanError;
use crate::cuda::Version;
use crate::project::Accelerator;

/// What a package asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The package and its version, as a message shows it.
    pub(super) package: String,
    /// The CUDA version.
    pub(super) version: Version,
    /// Whether no other version will do; else it is the newest that is known to work.
    pub(super) exact: bool,
}

/// What one package asks for, if anything.
///
/// # Errors
/// The package asks for something, and what is not known.
pub(super) fn need(one: &Accelerator) -> Result<Option<Need>, PlanError> {
    let unknown = || PlanError::Unknown { package: shown(one) };
    let found = |version, exact| Ok(Some(Need { package: shown(one), version, exact }));
    let has = |feature: &str| {
        one.features.as_ref().is_none_or(|features| features.iter().any(|name| name == feature))
    };
    match &*one.name {
        "cudarc" => match feature_version(one) {
            Some(version) => found(version, true),
            None => found(newest_of_cudarc(minor(&one.version)), false),
        },
        // The library it downloads is made for one CUDA; a library of the author's own is the author's choice.
        "ort" if has("load-dynamic") || !has("cuda") => Ok(None),
        "ort" if candidate(&one.version).is_some_and(|number| number >= 15) => found(version(13, 0), true),
        "ort" => Err(unknown()),
        "tch" => match torch_of_tch(minor(&one.version)) {
            Some(version) => found(version, true),
            None => Err(unknown()),
        },
        _ => Ok(None),
    }
}

/// Libraries that the packages open at run time, by name; the libraries that are linked are found in the binary.
pub(super) fn libraries(accelerators: &[Accelerator]) -> Vec<String> {
    let mut libraries: Vec<&str> = Vec::new();
    for one in accelerators.iter().filter(|one| one.name == "cudarc") {
        let on = |feature: &str| {
            one.features.as_ref().is_none_or(|names| names.iter().any(|name| name == feature))
        };
        if one.features.is_some() && on("dynamic-linking") || one.features.is_some() && on("static-linking") {
            continue;
        }
        for (feature, names) in OPENED {
            if on(feature) {
                libraries.extend(*names);
            }
        }
    }
    libraries.sort_unstable();
    libraries.dedup();
    libraries.into_iter().map(ToOwned::to_owned).collect()
}

/// Whether a package compiles kernels at run time against the toolkit's headers.
pub(super) fn headers(accelerators: &[Accelerator]) -> bool {
    accelerators.iter().any(|one| one.name == "cubecl-cuda")
}

/// Features of `cudarc` and what each opens.
const OPENED: &[(&str, &[&str])] = &[
    ("cublas", &["cublas", "cublasLt"]),
    ("cublaslt", &["cublasLt"]),
    (
        "cudnn",
        &[
            "cudnn",
            "cudnn_adv",
            "cudnn_cnn",
            "cudnn_engines_precompiled",
            "cudnn_engines_runtime_compiled",
            "cudnn_graph",
            "cudnn_heuristic",
            "cudnn_ops",
        ],
    ),
    ("cufft", &["cufft"]),
    ("curand", &["curand"]),
    ("cusolver", &["cusolver"]),
    ("cusparse", &["cusparse"]),
    ("nvrtc", &["nvrtc", "nvrtc-builtins"]),
    ("runtime", &["cudart"]),
];

/// `cuda-12080` is CUDA 12.8.
fn feature_version(one: &Accelerator) -> Option<Version> {
    let features = one.features.as_ref()?;
    features
        .iter()
        .filter_map(|name| name.strip_prefix("cuda-")?.parse::<u32>().ok())
        .filter_map(|number| {
            Some(version(u16::try_from(number / 1000).ok()?, u16::try_from(number % 1000 / 10).ok()?))
        })
        .max()
}

/// The newest CUDA that a release of `cudarc` binds.
fn newest_of_cudarc(minor: u32) -> Version {
    match minor {
        ..=13 => version(12, 6),
        14..=17 => version(12, 8),
        _ => version(13, 0),
    }
}

/// The newest CUDA that the PyTorch behind a release of `tch` is published for: `tch` 0.(13 + N) is PyTorch 2.N.
fn torch_of_tch(minor: u32) -> Option<Version> {
    Some(match minor.checked_sub(13)? {
        0 => version(11, 8),
        1..=3 => version(12, 1),
        4..=5 => version(12, 4),
        6 => version(12, 6),
        7 => version(12, 8),
        8 => version(12, 9),
        9..=11 => version(13, 0),
        _ => return None,
    })
}

fn version(major: u16, minor: u16) -> Version {
    Version { major, minor, patch: None }
}

fn minor(text: &str) -> u32 {
    text.split('.').nth(1).and_then(|part| part.parse().ok()).unwrap_or_default()
}

/// The number of a release candidate: 15 of `2.0.0-rc.15`. A full release counts as later than all of them.
fn candidate(text: &str) -> Option<u32> {
    match text.split_once("-rc.") {
        Some((_, number)) => number.parse().ok(),
        None => text.starts_with("2.").then_some(u32::MAX),
    }
}

fn shown(one: &Accelerator) -> String {
    format!("`{}` {}", one.name, one.version)
}
