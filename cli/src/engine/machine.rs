//! The machine that an engine is on.

use super::{Error, Result};
use crate::plan::Platform;

/// Where the kernel lists what it has emulated.
const EMULATED: &str = "/proc/sys/fs/binfmt_misc";

/// Where it says which release it is.
const RELEASE: &str = "/proc/sys/kernel/osrelease";

/// The machine that an engine is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its architecture, as the kernel has it: `x86_64`.
    pub architecture: String,
    /// The release of its kernel.
    pub kernel: String,
}

impl Machine {
    /// Makes sure that it can run programs for `platform`, as far as anybody can tell.
    ///
    /// # Errors
    /// It has another processor, and its kernel emulates no such.
    pub fn must_run(&self, platform: Platform) -> Result<()> {
        let wanted = platform.machine();
        // Of another kernel than this nobody knows what it emulates.
        if self.architecture == wanted || !self.is_here() || is_emulated(wanted) {
            return Ok(());
        }
        Err(Error::Platform { platform: platform.to_string(), architecture: self.architecture.clone() })
    }

    fn is_here(&self) -> bool {
        std::fs::read_to_string(RELEASE).is_ok_and(|release| release.trim() == self.kernel)
    }
}

fn is_emulated(machine: &str) -> bool {
    let known = std::fs::read_dir(EMULATED).into_iter().flatten().flatten();
    known.into_iter().any(|entry| {
        entry.file_name().to_string_lossy().ends_with(machine)
            && std::fs::read_to_string(entry.path()).is_ok_and(|text| text.starts_with("enabled"))
    })
}
