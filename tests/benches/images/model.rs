//! The model that is edited, built and pushed.

use std::path::PathBuf;
use std::process::Command;

use cog_tests::{Cog, Project, cargo_target, cog};
use tempfile::TempDir;

use crate::timed;

/// What `cog init` writes, optimised as an author's is.
pub(crate) struct Model {
    pub(crate) project: Project,
    layouts: TempDir,
}

impl Model {
    pub(crate) fn new(name: &str) -> Self {
        let layouts = tempfile::tempdir().expect("a directory can be made");
        Self { project: Project::initialised_as(name), layouts }
    }

    /// `cog` in the project, with arguments separated by spaces.
    pub(crate) fn cog(&self, line: &str) -> Cog {
        cog(line.split(' ')).within(self.project.path()).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
    }

    /// Changes a line of the author's code, to another one for each `edit`.
    pub(crate) fn edit(&self, edit: &str) {
        let path = self.project.file("src/main.rs");
        let source = std::fs::read_to_string(&path).expect("the project has a source");
        let line = source.lines().find(|line| line.contains("format!(")).expect("it greets").to_owned();
        self.project
            .write("src/main.rs", source.replace(&line, &format!("    format!(\"{edit}, {{name}}!\")")));
    }

    /// Where its image lies as an OCI layout, outside of the project.
    pub(crate) fn layout(&self) -> PathBuf {
        self.layouts.path().join("image")
    }

    /// Builds, and writes the layout.
    pub(crate) fn write_layout(&self) {
        timed::cog(self.cog(&format!("build --builder host --output oci:{}", self.layout().display())));
    }

    /// A bare `cargo build` of the same project, in a target directory of its own.
    pub(crate) fn cargo_build(&self) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--release", "--locked"])
            .current_dir(self.project.path())
            .env("CARGO_TARGET_DIR", cargo_target().join("bare"))
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("RUSTUP_TOOLCHAIN");
        timed::program(cargo);
    }
}
