//! A file system with next to no room.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A mounted file system of a few pages; unmounted when this goes.
#[derive(Debug)]
pub struct TinyDisk {
    mount: TempDir,
}

impl TinyDisk {
    /// Mounts one of so many KiB. `None`, and a notice, where the test may not mount.
    pub fn of_kib(size: u32) -> Option<Self> {
        let mount = tempfile::tempdir().expect("a temporary directory can be made");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}k"), "cog-tests"])
            .arg(mount.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if mounted {
            return Some(Self { mount });
        }
        crate::skip("only root may mount a tiny file system");
        None
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.mount.path()
    }

    /// Gives it so many KiB in all.
    pub fn grow(&self, size: u32) {
        let size = format!("remount,size={size}k");
        let mounted = Command::new("mount").args(["-o", &size]).arg(self.path()).status();
        assert!(mounted.is_ok_and(|status| status.success()), "a file system that is mounted can grow");
    }

    /// Takes all the room there is.
    pub fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        // It ends with an error, which is the purpose.
        let _ = std::fs::write(&ballast, vec![0; 64 << 20]);
        ballast
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.mount.path()).status();
    }
}
