//! Which run of this program made a container, and whether it is still there to remove it.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// A process, told from all others of this machine and of those before it: boot, process namespace, number, start.
pub(super) fn this() -> Option<String> {
    of(std::process::id())
}

/// Whether the process that `owner` stands for ran here and is gone. Of one elsewhere nothing is known.
pub(super) fn is_gone(owner: &str) -> bool {
    let mut parts = owner.rsplitn(3, '/');
    let (_start, number, place) = (parts.next(), parts.next(), parts.next());
    let Some(number) = number.and_then(|number| number.parse().ok()) else { return false };
    self::place().is_some_and(|here| place == Some(here.as_str())) && of(number).as_deref() != Some(owner)
}

/// Where a process's number means something.
fn place() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::metadata("/proc/self/ns/pid").ok()?.ino();
    Some(format!("{}/{namespace}", boot.trim()))
}

fn of(number: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let start = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{}/{number}/{start}", place()?))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_process_is_known_until_it_is_gone() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let owner = of(child.id()).unwrap();
        assert!(!is_gone(&owner) && !is_gone(&this().unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&owner));
        let later = owner.rsplit_once('/').unwrap().0.to_owned() + "/1";
        assert!(is_gone(&later), "another one has its number");
        for elsewhere in ["another-boot/1/2/3", "", "x"] {
            assert!(!is_gone(elsewhere), "{elsewhere}");
        }
    }
}
