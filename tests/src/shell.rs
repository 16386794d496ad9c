//! A line as somebody types it into a shell, where `cog` is the program under test.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::programs;

/// Runs `line` in `directory`. Gives the code of the last command in it that failed, else 0, and what it printed.
pub fn shell(line: &str, directory: &Path) -> (i32, String) {
    let output = shell_command(line, directory).stderr(Stdio::inherit()).output().expect("there is a shell");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The shell that is about to run `line` in `directory`, with an empty standard input.
pub fn shell_command(line: &str, directory: &Path) -> Command {
    let bin = programs::cog().parent().expect("a program lies in a directory").to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&others)));
    let mut command = Command::new("bash");
    command
        .args(["-o", "pipefail", "-c", line])
        .current_dir(directory)
        .env("PATH", path.expect("directories have no colons"))
        .env("CARGO_TARGET_DIR", programs::cargo_target())
        .env("COG_CACHE_DIR", programs::cache())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", programs::OPTIMISATION)
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("RUSTUP_TOOLCHAIN")
        .stdin(Stdio::null());
    command
}
