//! What an image was compiled for, and whether the GPU at hand can run it.
//!
//! Owns the label and the rules by which code for one architecture runs on another. [`findings`] is for `cog doctor`: a
//! function of what the image's labels say and what `nvidia-smi` printed; it asks nobody.

use std::fmt;
use std::str::FromStr;

use super::{Architecture, Version};

/// The label of an image that tells what it was compiled for: targets between spaces.
pub const LABEL: &str = "run.cog.cuda_architectures";
/// What [`findings`] wants to know of the GPUs, as arguments of `nvidia-smi`.
pub const QUERY: [&str; 2] = ["--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader"];

/// One thing that code was compiled for, written as PyTorch and others write it: `8.0`, `8.0+PTX`, `9.0a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The architecture.
    pub architecture: Architecture,
    /// How far its code reaches.
    pub reach: Reach,
}

/// Which other architectures run code for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Later ones of its generation.
    Generation,
    /// All later ones: the driver compiles for them (`+PTX`).
    Later,
    /// None: the code uses what is of this architecture only (`a`).
    Only,
}

impl Target {
    /// Whether a GPU runs its code.
    pub fn runs_on(self, gpu: Architecture) -> bool {
        match self.reach {
            Reach::Generation => gpu.major == self.architecture.major && gpu >= self.architecture,
            Reach::Later => gpu >= self.architecture,
            Reach::Only => gpu == self.architecture,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match self.reach {
            Reach::Generation => "",
            Reach::Later => "+PTX",
            Reach::Only => "a",
        };
        write!(f, "{}{suffix}", self.architecture)
    }
}

impl FromStr for Target {
    type Err = super::architecture::NotAnArchitecture;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (architecture, reach) = if let Some(rest) = text.strip_suffix("+PTX") {
            (rest, Reach::Later)
        } else if let Some(rest) = text.strip_suffix('a') {
            (rest, Reach::Only)
        } else {
            (text, Reach::Generation)
        };
        Ok(Self { architecture: architecture.parse()?, reach })
    }
}

/// Something between an image and the GPUs at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub problem: String,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub mend: String,
}

/// What stands between an image and the GPUs of this machine; nothing where all is well.
///
/// `targets` is the text of the image's [`LABEL`], if it has one; `cuda` the version it was built with; `gpus` what
/// `nvidia-smi` printed when asked for [`QUERY`].
pub fn findings(targets: Option<&str>, cuda: Option<Version>, gpus: &str) -> Vec<Finding> {
    let gpus: Vec<Gpu> = gpus.lines().filter_map(Gpu::read).collect();
    if gpus.is_empty() {
        return vec![Finding {
            problem: "`nvidia-smi` tells of no GPU".to_owned(),
            why: "a model that is made for a GPU runs on the CPU here, or refuses to",
            mend: "install NVIDIA's driver, or run the model where there is one".to_owned(),
        }];
    }
    let mut findings = Vec::new();
    let targets: Vec<Target> =
        targets.unwrap_or_default().split_whitespace().filter_map(|text| text.parse().ok()).collect();
    for gpu in &gpus {
        if !targets.is_empty() && !targets.iter().any(|target| target.runs_on(gpu.architecture)) {
            let made = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            findings.push(Finding {
                problem: format!(
                    "{} has architecture {}, and the image is compiled for {made}",
                    gpu.name, gpu.architecture
                ),
                why: "its kernels fail with \"no kernel image is available\" or \"invalid PTX\"",
                mend: format!("build it with `cuda_architectures: [\"{}\"]`", gpu.architecture),
            });
        }
        if let Some(cuda) = cuda
            && let Some(needed) = oldest_driver(cuda)
            && gpu.driver.is_some_and(|driver| driver < needed)
        {
            findings.push(Finding {
                problem: format!(
                    "the driver of {} is of release {}, and CUDA {cuda} needs {needed} or later",
                    gpu.name,
                    gpu.driver.unwrap_or_default()
                ),
                why: "CUDA refuses to start on it: \"driver version is insufficient\"",
                mend: format!("update the driver, or build with an older `cuda` than {}", cuda.minor_only()),
            });
        }
    }
    findings.dedup();
    findings
}

/// The release of the driver that the first CUDA of a generation came with; those after it need no newer one.
fn oldest_driver(cuda: Version) -> Option<u32> {
    match cuda.major {
        11 => Some(450),
        12 => Some(525),
        13 => Some(580),
        _ => None,
    }
}

struct Gpu {
    name: String,
    architecture: Architecture,
    driver: Option<u32>,
}

impl Gpu {
    /// A line like `NVIDIA A10G, 8.6, 580.65.06`.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.rsplitn(3, ',').map(str::trim);
        let driver = fields.next()?.split('.').next().and_then(|release| release.parse().ok());
        let architecture = fields.next()?.parse().ok()?;
        Some(Self { name: fields.next()?.to_owned(), architecture, driver })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A10G: &str = "NVIDIA A10G, 8.6, 580.65.06\n";
    const H100: &str = "NVIDIA H100 80GB HBM3, 9.0, 535.104.12\n";
    const T4: &str = "Tesla T4, 7.5, 580.65.06\n";

    fn problems(targets: &str, cuda: &str, gpus: &str) -> Vec<String> {
        let found = findings(Some(targets), cuda.parse().ok(), gpus);
        found.into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn code_runs_where_its_reach_ends() {
        for (target, runs, does_not) in [
            ("8.0", &["8.0", "8.6", "8.9"][..], &["7.5", "9.0", "12.0"][..]),
            ("8.6", &["8.6", "8.9"], &["8.0", "9.0"]),
            ("8.0+PTX", &["8.0", "8.6", "9.0", "12.0"], &["7.5"]),
            ("9.0a", &["9.0"], &["8.0", "10.0", "12.0"]),
        ] {
            let runs_on = |gpu: &&str| {
                let (target, gpu) = (target.parse::<Target>(), gpu.parse::<Architecture>());
                target.is_ok_and(|target| gpu.is_ok_and(|gpu| target.runs_on(gpu)))
            };
            assert!(runs.iter().all(runs_on), "{target}");
            assert!(!does_not.iter().any(runs_on), "{target}");
            assert_eq!(target.parse::<Target>().map(|target| target.to_string()), Ok(target.to_owned()));
        }
    }

    #[test]
    fn an_image_and_a_gpu_that_suit_each_other_give_nothing_to_say() {
        assert!(findings(Some("8.0+PTX"), "13.0".parse().ok(), A10G).is_empty());
        assert!(findings(None, None, H100).is_empty());
    }

    #[test]
    fn a_gpu_older_than_the_code_is_found() {
        let found = findings(Some("8.0+PTX"), "13.0".parse().ok(), T4);
        let [finding] = &found[..] else { panic!("{found:?}") };
        assert_eq!(finding.problem, "Tesla T4 has architecture 7.5, and the image is compiled for 8.0+PTX");
        assert_eq!(finding.mend, "build it with `cuda_architectures: [\"7.5\"]`");
    }

    #[test]
    fn a_driver_older_than_cuda_is_found() {
        assert_eq!(
            problems("9.0a", "13.0.3", H100),
            ["the driver of NVIDIA H100 80GB HBM3 is of release 535, and CUDA 13.0.3 needs 580 or later"]
        );
    }

    #[test]
    fn each_gpu_is_judged_and_alike_ones_once() {
        assert_eq!(problems("8.0", "12.4", &[A10G, H100, H100].concat()).len(), 1);
    }

    #[test]
    fn a_machine_without_a_gpu_is_told_of() {
        assert_eq!(problems("8.0", "13.0", ""), ["`nvidia-smi` tells of no GPU"]);
        assert_eq!(problems("8.0", "13.0", "NVIDIA-SMI has failed\n"), ["`nvidia-smi` tells of no GPU"]);
    }
}
