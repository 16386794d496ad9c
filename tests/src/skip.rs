//! Tests that cannot run here.

/// Says that the running test proves nothing on this machine; in CI (`CI=true`) fails it instead.
#[expect(clippy::print_stderr, reason = "a test that proves nothing must not pass in silence")]
pub fn skip(reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{test} must run in CI: {reason}");
    eprintln!("SKIPPED {test}: {reason}");
}

/// Says that a test was left out because nobody asked for it.
#[expect(clippy::print_stderr, reason = "a test that proves nothing must not pass in silence")]
pub fn leave_out(reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("LEFT OUT {test}: {reason}");
}
