//! The installer of a release.

use cog_tests::{Project, repository, shell};

/// A release whose program only tells its version.
fn release() -> Project {
    let place = Project::empty().with("cog", "#!/bin/sh\necho cog 9.9.9\n");
    let line = "machine=$(uname -m)-linux; chmod +x cog; mkdir out; tar -czf out/cog-$machine.tar.gz cog; \
                cd out; sha256sum cog-$machine.tar.gz > cog-$machine.tar.gz.sha256";
    assert_eq!(shell(line, place.path()).0, 0);
    place
}

fn install(place: &Project) -> (i32, String) {
    let line = format!(
        "COG_RELEASE_URL=file://$PWD/out COG_INSTALL_DIR=$PWD/bin sh {}/cli/install.sh",
        repository().display()
    );
    shell(&line, place.path())
}

#[test]
fn the_program_is_installed_and_replaced() {
    let place = release();
    for _ in 0..2 {
        let (code, said) = install(&place);
        assert_eq!(code, 0, "{said}");
        assert!(said.starts_with("cog 9.9.9 is in ") && said.contains("export PATH="), "{said}");
    }
    assert_eq!(std::fs::read_dir(place.file("bin")).expect("it is there").count(), 1);
}

#[test]
fn what_does_not_match_its_checksum_is_not_installed() {
    let place = release();
    let (code, _) = shell("echo more >> out/cog-$(uname -m)-linux.tar.gz", place.path());
    assert_eq!(code, 0);
    assert_eq!(install(&place).0, 1);
    assert!(!place.file("bin/cog").exists());
    assert_eq!(shell("rm out/*.sha256", place.path()).0, 0);
    assert_eq!(install(&place).0, 1);
}
