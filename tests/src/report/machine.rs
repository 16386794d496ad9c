//! Where and when this is measured.

use std::process::Command;
use std::{fs, thread};

/// Today's date, the cores and their kind.
pub fn described() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let date = Command::new("date").arg("+%F").output().map(|date| date.stdout).unwrap_or_default();
    let date = String::from_utf8_lossy(&date).trim().to_owned();
    format!("{date}; {} × {}", cores, model.trim_start_matches([' ', '\t', ':']))
}
