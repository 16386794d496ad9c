//! The real engine, for tests that need one.

use std::sync::Arc;

use super::{Engine, docker};

/// The engine of this machine. Where none answers the test proves nothing and says so; in CI (`CI=true`) it fails.
#[expect(clippy::print_stderr, reason = "a test that proves nothing must not pass in silence")]
pub(crate) async fn engine() -> Option<Arc<dyn Engine>> {
    match docker::connect().await {
        Ok(engine) => Some(engine),
        Err(error) => {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "this test must run in CI: {error}"
            );
            eprintln!("SKIPPED {}: {error}", std::thread::current().name().unwrap_or("a test"));
            None
        }
    }
}
