//! The other way to an image: compiled by this machine's cargo, its layers put together here. No engine, no base image.
//!
//! Owns what goes into which layer, from the one that changes least to the one that changes most: what the binary
//! needs of a system, the project's files, the binary itself. Refuses to know where the image goes.

mod error;
mod libraries;
mod system;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::compile::{Bench, Manner, Target};
use crate::context::archive::{Content, Entry};
use crate::oci::{self, Config, Image, Layer, Layout, Packing};
use crate::plan::{Plan, Platform};
use crate::project::Project;
use crate::side_by_side::side_by_side;
use crate::{context, local};

pub use error::{Error, Result};

/// How long a binary may think about its schema.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
/// The user a model runs as.
const USER: u32 = 65532;
/// Where the binary lies in an image.
const BINARY: &str = "usr/local/bin/model";

/// A model that is compiled and has said what it is. Nobody compiles over it while this lives.
#[derive(Debug)]
pub struct Compiled {
    /// The binary.
    pub binary: PathBuf,
    /// Its OpenAPI document.
    pub schema: Value,
    /// What it was compiled with, where that is not for this machine.
    target: Option<Target>,
    _bench: Bench,
}

/// Why a plan is not for this builder, or nothing where it is: the image would need a base image, or another machine.
pub fn refusal(project: &Project, plan: &Plan) -> Option<String> {
    let reason = if plan.gpu() {
        Some("a GPU model is compiled with CUDA's own image")
    } else if !plan.system_packages.is_empty() {
        Some("`build.system_packages` are installed by the engine")
    } else if !plan.run.is_empty() {
        Some("`build.run` steps are run by the engine")
    } else if !plan.starts_empty() {
        Some("a system around the model comes from the engine")
    } else if !cfg!(target_os = "linux") {
        Some("this machine's binaries are not for Linux")
    } else {
        None
    };
    reason.map(str::to_owned).or_else(|| Target::of(plan.platform, &project.directory).err())
}

/// Why this machine's cargo does not compile `project` with the compiler that it asks for, or nothing where it does.
pub fn lacks_cargo(project: &Project) -> Option<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.arg("--version").current_dir(&project.directory);
    command.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let Some(output) = command.output().ok().filter(|output| output.status.success()) else {
        return Some("there is no cargo on this machine".to_owned());
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.split_whitespace().nth(1).unwrap_or_default();
    let asked = project.config.build.rust_version.as_deref();
    let other = asked.filter(|asked| !is_release_of(version, asked));
    other.map(|asked| format!("cargo on this machine is {version}, and `build.rust_version` is {asked}"))
}

/// Whether `version` is `asked` or one of its patches.
fn is_release_of(version: &str, asked: &str) -> bool {
    version.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether an image of `plan` would trust nobody by TLS, for want of certificates on this machine.
pub fn trusts_nobody(plan: &Plan) -> bool {
    system::trusted(plan.certificates.as_ref()).trim().is_empty()
}

/// Compiles the model and asks it for its schema. `waiting` hears of it when another build has to end first.
pub async fn compile(
    project: &Project,
    platform: Platform,
    manner: Manner,
    waiting: impl FnOnce(),
) -> Result<Compiled> {
    let target = Target::of(platform, &project.directory).map_err(Error::Target)?;
    let bench = Bench::of(project, manner, waiting).await?;
    // What is for another machine does not run here, so it is asked as what it is on this one.
    let binary = bench.compile(project, manner, None).await?;
    let schema = local::document(&binary, &project.directory, PATIENCE).await?;
    let binary = match &target {
        Some(_) => bench.compile(project, manner, target.as_ref()).await?,
        None => binary,
    };
    Ok(Compiled { binary, schema, target, _bench: bench })
}

/// Puts the image of a compiled model together in `layout`, which names it from then on. `labels` are all it bears,
/// `documents` what it holds besides what the project has. `packing` is of the layer that each compile makes anew.
pub fn assemble(
    project: &Project,
    plan: &Plan,
    model: &Compiled,
    labels: std::collections::BTreeMap<String, String>,
    documents: Vec<Entry>,
    packing: Packing,
    layout: &Layout,
) -> Result<Image> {
    let certificates = plan.certificates.as_ref();
    let linked = libraries::of(&model.binary, model.target.as_ref())?;
    let system = system::entries(linked, certificates)?;
    let mut layers = vec![layout.layer("what the model needs of a system", Packing::Gzip, system)?];
    let assets = context::assets(project, &plan.secrets)?;
    layers.extend(large_files(layout, assets.large)?);
    if !assets.small.is_empty() {
        layers.push(layout.layer("the project's files", Packing::Gzip, placed(assets.small))?);
    }
    let mut own = binary(model)?;
    own.extend(documents);
    layers.push(layout.layer("the model", packing, own)?);
    let image = Image::new(&config(plan, labels), layers);
    layout.name(&image)?;
    Ok(image)
}

/// A layer for each of a project's large files.
///
/// # Errors
/// A file that cannot be read or changes meanwhile, a disk that is full.
pub fn large_files(layout: &Layout, files: Vec<Entry>) -> oci::Result<Vec<Layer>> {
    side_by_side(&files, Entry::size, |entry| {
        let (about, packing) = (format!("`{}`", entry.path), Packing::of(&entry.path));
        layout.layer(&about, packing, placed(vec![entry.clone()]))
    })
}

/// A project's files where a model finds them.
fn placed(files: Vec<Entry>) -> Vec<Entry> {
    let place =
        |entry: Entry| Entry { path: format!("src/{}", entry.path), owner: USER, content: entry.content };
    files.into_iter().map(place).collect()
}

fn binary(model: &Compiled) -> Result<Vec<Entry>> {
    let schema = Content::Made(model.schema.to_string().into_bytes());
    Ok(vec![
        file(&model.binary, BINARY, true)?,
        Entry { owner: USER, ..Entry::new(crate::plan::SCHEMA.trim_start_matches('/'), schema) },
    ])
}

/// A file of this machine, at `place` in the image.
fn file(source: &Path, place: &str, executable: bool) -> Result<Entry> {
    let metadata = std::fs::metadata(source)
        .map_err(|error| context::ContextError::Read { path: source.to_owned(), source: error })?;
    let content = Content::File { source: source.to_owned(), size: metadata.len(), executable };
    Ok(Entry::new(place, content))
}

fn config(plan: &Plan, labels: std::collections::BTreeMap<String, String>) -> Config {
    let own = plan.environment.iter().map(|variable| (variable.name.as_str(), variable.value.as_str()));
    let mut env: Vec<(&str, &str)> = vec![
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SSL_CERT_FILE", system::TRUST),
        ("HOME", "/tmp"),
    ];
    // The author's setting of a name that is here already takes its place.
    for (name, value) in own {
        match env.iter_mut().find(|(other, _)| *other == name) {
            Some(known) => known.1 = value,
            None => env.push((name, value)),
        }
    }
    Config {
        architecture: plan.platform.architecture().to_owned(),
        created: oci::moment(),
        env: env.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: vec![format!("/{BINARY}")],
        working_directory: "/src".to_owned(),
        user: format!("{USER}:{USER}"),
        port: 5000,
        stop_signal: "SIGTERM".to_owned(),
        labels,
    }
}

#[cfg(test)]
mod tests {
    use super::is_release_of;

    #[test]
    fn a_compiler_is_the_one_asked_for_or_a_patch_of_it() {
        assert!(is_release_of("1.95.0", "1.95") && is_release_of("1.95.0", "1.95.0"));
        assert!(
            !is_release_of("1.95.0", "1.9") && !is_release_of("1.95.0", "1.96") && !is_release_of("", "1.95")
        );
    }
}
