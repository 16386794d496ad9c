//! The container engine, as seen through its own command line.

use std::process::{Command, Output};
use std::sync::OnceLock;

/// Lets a test that needs Docker end early where there is none.
///
/// In CI (`CI=true`) an absent engine fails the test: there it must have run.
#[macro_export]
macro_rules! needs_docker {
    () => {
        if !$crate::docker::answers() {
            $crate::skip("no Docker engine answers");
            return;
        }
    };
}

/// Whether an engine answers.
pub fn answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| {
        Command::new("docker")
            .args(["version", "--format", "{{.Server.Version}}"])
            .output()
            .is_ok_and(succeeded)
    })
}

/// The names of the containers, running or not, that the `cog` with this process id made.
pub fn containers_of(cog: u32) -> Vec<String> {
    if !answers() {
        return Vec::new();
    }
    let filter = format!("label=run.cog.cli={cog}");
    let names = ask(["ps", "--all", "--filter", &filter, "--format", "{{.Names}} {{.Status}}"]);
    names.lines().map(str::to_owned).collect()
}

/// Whether the engine has this image.
pub fn has_image(reference: &str) -> bool {
    run(["image", "inspect", reference]).is_ok_and(succeeded)
}

/// A label of an image.
pub fn label(reference: &str, name: &str) -> String {
    let format = format!("{{{{index .Config.Labels {name:?}}}}}");
    ask(["image", "inspect", reference, "--format", &format])
}

/// What `docker ARGUMENTS` prints.
pub fn ask<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let output = run(arguments.iter().copied()).expect("docker starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "docker {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> std::io::Result<Output> {
    Command::new("docker").args(arguments).output()
}

#[expect(clippy::needless_pass_by_value, reason = "it ends a chain of results")]
fn succeeded(output: Output) -> bool {
    output.status.success()
}

/// An image's name that no other test uses; the name, and the image with its last one, go when this does.
#[derive(Debug)]
pub struct ImageName {
    name: String,
    kept: bool,
}

impl ImageName {
    /// A fresh name.
    pub fn fresh() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NAMES: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NAMES.fetch_add(1, Ordering::Relaxed));
        Self::of(format!("cog-tests/{process}-{number}"))
    }

    /// Takes `name` under the same care.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), kept: false }
    }

    /// A name that stays.
    pub fn kept(name: impl Into<String>) -> Self {
        Self { name: name.into(), kept: true }
    }
}

impl std::ops::Deref for ImageName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl AsRef<std::ffi::OsStr> for ImageName {
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.name.as_ref()
    }
}

impl Drop for ImageName {
    fn drop(&mut self) {
        if !self.kept {
            // Where it is absent, the test has failed before it was made.
            let _ = run(["image", "rm", &self.name]);
        }
    }
}
