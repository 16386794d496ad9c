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
    /// Which others will do.
    pub(super) fit: Fit,
}

/// Which versions of CUDA serve a package besides the one it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Those of the same generation, probably: it was told of this one, by a feature.
    Told,
    /// Those of the same generation: its library was made for it.
    Generation,
    /// Any: it is the newest that is known to work.
    Newest,
}

impl Need {
    /// Whether it takes `version`.
    pub(super) fn takes(&self, version: Version) -> bool {
        match self.fit {
            Fit::Told | Fit::Generation => self.version.major == version.major,
            Fit::Newest => true,
        }
    }

    /// Whether it takes `version` without being made for it.
    pub(super) fn doubts(&self, version: Version) -> bool {
        self.takes(version)
            && match self.fit {
                Fit::Told => self.version.minor_only() != version.minor_only(),
                Fit::Newest => self.version.minor_only() < version.minor_only(),
                Fit::Generation => false,
            }
    }
}

/// What one package asks for, if anything.
///
/// # Errors
/// The package asks for something, and what is not known.
pub(super) fn need(one: &Accelerator) -> Result<Option<Need>, PlanError> {
    let unknown = || PlanError::Unknown { package: shown(one) };
    let found = |version, fit| Ok(Some(Need { package: shown(one), version, fit }));
    let has = |feature: &str| {
        one.features.as_ref().is_none_or(|features| features.iter().any(|name| name == feature))
    };
    match &*one.name {
        "cudarc" => match feature_version(one) {
            Some(version) => found(version, Fit::Told),
            None => found(newest_of_cudarc(minor(&one.version)), Fit::Newest),
        },
        // The library it downloads is made for one CUDA; a library of the author's own is the author's choice.
        "ort" if has("load-dynamic") || !has("download-binaries") || !has("cuda") => Ok(None),
        "ort" if candidate(&one.version).is_some_and(|number| number >= 15) => {
            found(version(13, 0), Fit::Generation)
        }
        "ort" => Err(unknown()),
        "tch" => match torch_of_tch(minor(&one.version)) {
            // Others of its generation can be downloaded as well.
            Some(version) if has("download-libtorch") => found(downloaded(version), Fit::Told),
            Some(version) => found(version, Fit::Newest),
            None => Err(unknown()),
        },
        _ => Ok(None),
    }
}

/// The newest CUDA, up to one, that `tch` knows where to download a PyTorch for.
fn downloaded(newest: Version) -> Version {
    let known = [(12, 8), (12, 6), (12, 4), (12, 1)].map(|(major, minor)| version(major, minor));
    known.into_iter().find(|version| *version <= newest).unwrap_or(version(11, 8))
}

/// What a package's own build asks its environment for.
pub(super) fn variables(accelerators: &[Accelerator], cuda: Version) -> Vec<(&'static str, String)> {
    let has = |name: &str| accelerators.iter().any(|one| one.name == name);
    let mut variables = Vec::new();
    if has("ort") {
        variables.push(("ORT_CUDA_VERSION", cuda.major.to_string()));
    }
    if has("tch") {
        let torch = downloaded(cuda);
        variables.push(("TORCH_CUDA_VERSION", format!("cu{}{}", torch.major, torch.minor)));
    }
    variables
}

/// The package that is compiled without CUDA though the model is for a GPU, where that is known.
pub(super) fn without_cuda(accelerators: &[Accelerator]) -> Option<String> {
    let lacks = |one: &&Accelerator| {
        let features = one.features.as_ref();
        matches!(&*one.name, "candle-core" | "ort")
            && features
                .is_some_and(|names| !names.iter().any(|name| matches!(&**name, "cuda" | "load-dynamic")))
    };
    accelerators.iter().find(lacks).map(shown)
}

/// Libraries that the packages open at run time, by name, or that libraries which they link do. What the binary links
/// is found in it.
pub(super) fn libraries(accelerators: &[Accelerator]) -> Vec<String> {
    let mut libraries: Vec<&str> = Vec::new();
    for one in accelerators {
        // `cudnn-09021` is cuDNN, too.
        let on = |feature: &str| {
            let same = |name: &String| {
                name == feature || name.strip_prefix(feature).is_some_and(|rest| rest.starts_with('-'))
            };
            one.features.as_ref().is_none_or(|names| names.iter().any(same))
        };
        let opens = |feature: &str| match &*one.name {
            "cudarc" => on(feature) && !(one.features.is_some() && on("static-linking")),
            // What ONNX Runtime does on a GPU is in a library that it opens, as are those that one needs.
            "ort" => on("cuda") && matches!(feature, "cublas" | "cudnn" | "cufft" | "curand"),
            _ => false,
        };
        let opened = OPENED.iter().filter(|(feature, _)| opens(feature));
        libraries.extend(opened.flat_map(|(_, names)| *names));
    }
    libraries.sort_unstable();
    libraries.dedup();
    libraries.into_iter().map(ToOwned::to_owned).collect()
}

/// Whether a package compiles kernels at run time against the toolkit's headers.
pub(super) fn headers(accelerators: &[Accelerator]) -> bool {
    accelerators.iter().any(|one| one.name == "cubecl-cuda")
}

/// Parts of CUDA, by the features of `cudarc` that stand for them, and what each opens.
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
    ("cutensor", &["cutensor"]),
    ("nccl", &["nccl"]),
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
