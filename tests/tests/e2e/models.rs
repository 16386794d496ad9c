//! The models that several tests share.

use std::sync::OnceLock;

use cog_tests::docker::ImageName;
use cog_tests::{Project, cog};

/// Greets; its inputs have limits of every kind.
pub(crate) fn greeter() -> &'static Project {
    static GREETER: OnceLock<Project> = OnceLock::new();
    GREETER.get_or_init(|| Project::kept("greeter", include_str!("models/greeter.rs")))
}

/// Gives its inputs back as JSON.
pub(crate) fn mirror() -> &'static Project {
    static MIRROR: OnceLock<Project> = OnceLock::new();
    MIRROR.get_or_init(|| Project::kept("mirror", include_str!("models/mirror.rs")))
}

/// Copies a file.
pub(crate) fn copier() -> &'static Project {
    static COPIER: OnceLock<Project> = OnceLock::new();
    COPIER.get_or_init(|| Project::kept("copier", include_str!("models/copier.rs")))
}

/// Takes its time in setup (`SETUP_SECONDS`) and in predictions.
pub(crate) fn sleeper() -> &'static Project {
    static SLEEPER: OnceLock<Project> = OnceLock::new();
    SLEEPER.get_or_init(|| Project::kept("sleeper", include_str!("models/sleeper.rs")))
}

/// Gives words, one at a time, with pauses between them.
pub(crate) fn streamer() -> &'static Project {
    static STREAMER: OnceLock<Project> = OnceLock::new();
    STREAMER.get_or_init(|| Project::kept("streamer", include_str!("models/streamer.rs")))
}

/// The image of [`sleeper`]'s model, in a project that `cog init` made.
pub(crate) fn sleeper_image() -> &'static str {
    static SLEEPER: OnceLock<ImageName> = OnceLock::new();
    SLEEPER.get_or_init(|| {
        // One name for all runs: the next one finds most of it in the engine's cache.
        let name = ImageName::kept("cog-tests/sleeper");
        let project = Project::initialised().with("src/main.rs", include_str!("models/sleeper.rs"));
        cog(["build", "-t", &name]).within(project.path()).run().succeeds();
        name
    })
}
