//! What `tests/fuzz` calls; in no other build.

/// Gives bytes to one of the places where bytes come from outside.
///
/// # Panics
/// Where a promise about that place does not hold, or there is no such target.
pub fn run(target: &str, bytes: &[u8]) {
    crate::supervisor::fuzzing::run(target, bytes);
}
