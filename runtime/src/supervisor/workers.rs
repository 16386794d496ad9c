//! How many workers there are, and what each of them is told of its place.

use std::env;
use std::fs;
use std::path::Path;

use crate::journal;

/// Where a container has the files of its devices.
const DEVICES: &str = "/dev";

/// What the environment says of how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workers {
    /// So many.
    Count(usize),
    /// One for each GPU that this container can see.
    PerGpu,
}

/// The place of one worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Which of several it is, from 0.
    number: Option<usize>,
    /// The one GPU that it sees, as CUDA names it.
    gpu: Option<String>,
}

impl Workers {
    /// The places that there are, at least one.
    pub(super) fn places(self) -> Vec<Place> {
        match self {
            Self::Count(0 | 1) => vec![Place::default()],
            Self::Count(count) => {
                (0..count).map(|number| Place { number: Some(number), gpu: None }).collect()
            }
            Self::PerGpu => {
                let gpus = gpus();
                if gpus.is_empty() {
                    journal::warn(
                        "COG_WORKERS is `per-gpu`, and there is no GPU to be seen; there is one worker",
                    );
                    return vec![Place::default()];
                }
                let place = |(number, gpu)| Place { number: Some(number), gpu: Some(gpu) };
                gpus.into_iter().enumerate().map(place).collect()
            }
        }
    }
}

impl Place {
    /// What the worker finds in its environment, beside ours.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        let number = self.number.map(|number| ("COG_WORKER", number.to_string()));
        let gpu = self.gpu.clone().map(|gpu| ("CUDA_VISIBLE_DEVICES", gpu));
        number.into_iter().chain(gpu)
    }

    /// Says which one it is, where there are several, at the end of a line of the log.
    pub(super) fn suffix(&self) -> String {
        match (self.number, &self.gpu) {
            (Some(number), Some(gpu)) => format!(" (worker {number}, GPU {gpu})"),
            (Some(number), None) => format!(" (worker {number})"),
            (None, _) => String::new(),
        }
    }
}

/// The GPUs that CUDA would see: those it is told of, or as many as there are device files, whose numbers outside of
/// this container are of no interest to CUDA.
fn gpus() -> Vec<String> {
    match env::var("CUDA_VISIBLE_DEVICES") {
        Ok(told) => visible(&told),
        Err(_) => (0..devices()).map(|number| number.to_string()).collect(),
    }
}

/// CUDA reads the list up to the first entry that names none.
fn visible(list: &str) -> Vec<String> {
    let named = list.split(',').map(str::trim);
    named.take_while(|gpu| !gpu.is_empty() && !gpu.starts_with('-')).map(str::to_owned).collect()
}

fn devices() -> usize {
    let Ok(files) = fs::read_dir(DEVICES) else { return 0 };
    files.flatten().filter(|file| file.file_name().to_str().is_some_and(is_gpu)).count()
}

fn is_gpu(file: &str) -> bool {
    let number = file.strip_prefix("nvidia");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether there is an NVIDIA GPU in this container that CUDA is not told to leave alone.
pub(super) fn sees_gpu() -> bool {
    has_gpu(Path::new(DEVICES), env::var("CUDA_VISIBLE_DEVICES").ok().as_deref())
}

fn has_gpu(devices: &Path, told: Option<&str>) -> bool {
    let hidden = told.is_some_and(|told| visible(told).is_empty());
    // The last two are those of Windows' subsystem for Linux and of Jetson.
    let is_one = |file: &str| is_gpu(file) || matches!(file, "dxg" | "nvhost-gpu");
    let files = fs::read_dir(devices).into_iter().flatten().flatten();
    !hidden && files.map(|file| file.file_name()).any(|name| name.to_str().is_some_and(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_numbered_and_one_is_not() {
        let environment = |place: &Place| place.environment().collect::<Vec<_>>();
        let one = Workers::Count(1).places();
        assert_eq!(one.iter().map(environment).collect::<Vec<_>>(), [vec![]]);
        let two = Workers::Count(2).places();
        assert_eq!(
            two.iter().map(environment).collect::<Vec<_>>(),
            [vec![("COG_WORKER", "0".to_owned())], vec![("COG_WORKER", "1".to_owned())]]
        );
    }

    #[test]
    fn a_gpu_is_there_if_its_device_is_and_cuda_may_see_it() {
        let devices = tempfile::tempdir().expect("a folder");
        let add = |name: &str| fs::write(devices.path().join(name), "").expect("a file");
        for other in ["null", "nvidia-caps", "nvidiactl", "nvidia-uvm"] {
            add(other);
        }
        assert!(!has_gpu(devices.path(), None));
        add("nvidia3");
        assert!(has_gpu(devices.path(), None));
        assert!(has_gpu(devices.path(), Some("0")));
        assert!(!has_gpu(devices.path(), Some("")));
        assert!(!has_gpu(devices.path(), Some("-1")));
        assert!(!has_gpu(Path::new("/nowhere"), None));
    }

    #[test]
    fn cudas_own_list_is_read_as_cuda_reads_it() {
        assert_eq!(visible("2,0"), ["2", "0"]);
        assert_eq!(visible("GPU-8932f937, MIG-1"), ["GPU-8932f937", "MIG-1"]);
        assert_eq!(visible("0,-1,2"), ["0"]);
        assert!(visible("").is_empty());
        assert!(visible("-1").is_empty());
    }
}
