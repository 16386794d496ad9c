//! Cog for Python, installed from the Python package registry into a virtual environment of its own.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is compared with.
pub(crate) const VERSION: &str = "0.23.1";
/// The twins, in Python.
const MODELS: [(&str, &str); 3] = [
    ("echo", include_str!("models/echo.py")),
    ("files", include_str!("models/files.py")),
    ("tokens", include_str!("models/tokens.py")),
];

/// An installed reference.
pub(crate) struct Reference {
    home: PathBuf,
}

impl Reference {
    /// Installs it, if that has not been done before, and writes its models out.
    pub(crate) fn installed(twins: &HashMap<&str, PathBuf>) -> Self {
        let home = cog_tests::cargo_target().with_file_name("reference");
        let reference = Self { home };
        let environment = reference.environment();
        if !environment.join("bin/python").is_file() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        }
        let mut pip = Command::new(environment.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        run(pip.args([format!("cog=={VERSION}"), format!("coglet=={VERSION}")]));
        for (model, source) in MODELS {
            reference.write(model, source, &twins[model]);
        }
        reference
    }

    /// The command that serves a model, as a Cog image starts it.
    pub(crate) fn serve(&self, model: &str) -> Command {
        let programs = self.environment().join("bin");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(programs.join("python"));
        command
            .args(["-m", "cog.server.http"])
            .current_dir(self.home.join(model))
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("COG_PREDICT_TYPE_STUB", "predict.py:Runner");
        command
    }

    fn environment(&self) -> PathBuf {
        self.home.join("environment")
    }

    /// Puts a model where the server looks for it. The schema is the twin's: they are the same.
    fn write(&self, model: &str, source: &str, twin: &Path) {
        let folder = self.home.join(model);
        fs::create_dir_all(folder.join(".cog")).expect("a folder in the target directory");
        fs::write(folder.join("predict.py"), source).expect("a file in the target directory");
        let schema = Command::new(twin).arg("schema").output().expect("the twin starts");
        assert!(schema.status.success(), "the schema of `{model}`");
        fs::write(folder.join(".cog/openapi_schema.json"), schema.stdout)
            .expect("a file in the target directory");
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    assert!(status.success(), "{command:?} failed");
}
