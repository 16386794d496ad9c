//! Programs from the Python package registry.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo_target;

/// Installs `packages` (`NAME==VERSION`) into an environment called `name`, once, and gives the folder of their
/// programs; `None` where there is no way to get them, which in CI (`CI=true`) fails the test.
pub fn python_programs(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let environment = cargo_target().with_file_name(name);
    let programs = environment.join("bin");
    let (note, wanted) = (environment.join("installed"), packages.join(" "));
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Some(programs);
    }
    let run = |command: &mut Command| {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let installed = run(Command::new("python3").args(["-m", "venv"]).arg(&environment))
        && run(Command::new(programs.join("pip")).args(["install", "--quiet"]).args(packages))
        && fs::write(&note, &wanted).is_ok();
    if !installed {
        crate::skip(&format!("{wanted} cannot be installed"));
        return None;
    }
    Some(programs)
}
