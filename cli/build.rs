//! Packs the sources an author's crate depends on, so that `cog init` can write them into a new project.
//!
//! The archive is the same for the same sources: sorted, without times or owners. Tests stay behind, and so do
//! development dependencies, which no author should have to resolve.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use toml::{Table, Value};

/// The crates of the SDK, by their directories in this repository; they keep their places.
const CRATES: [&str; 3] = ["predictor-macros", "runtime", "runtime/schema"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut files = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    for name in CRATES {
        let manifest = text(&root.join(name).join("Cargo.toml"))?;
        let parsed: Table = manifest.parse()?;
        wanted.extend(
            parsed.get("dependencies").and_then(Value::as_table).into_iter().flat_map(Table::keys).cloned(),
        );
        files.insert(format!("{name}/Cargo.toml"), without_development(&manifest).into_bytes());
        sources(&root.join(name).join("src"), &format!("{name}/src"), &mut files)?;
    }
    files.insert("Cargo.toml".to_owned(), workspace(&text(&root.join("Cargo.toml"))?, &wanted)?.into_bytes());
    files.insert("LICENSE".to_owned(), text(&root.join("LICENSE"))?.into_bytes());

    let mut archive =
        tar::Builder::new(GzEncoder::new(fs::File::create(out.join("sdk.tar.gz"))?, Compression::best()));
    for (path, content) in &files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len())?);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content.as_slice())?;
    }
    archive.into_inner()?.finish()?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// The text at `path`, which the build depends on from now on.
fn text(path: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Puts what is below `directory` among the `files`, without tests.
fn sources(
    directory: &Path,
    name: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let file =
            entry.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        let name = format!("{name}/{file}");
        if entry.file_type()?.is_dir() {
            if !matches!(file.as_str(), "tests" | "snapshots") {
                sources(&entry.path(), &name, files)?;
            }
        } else if file != "tests.rs" {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// A crate's manifest without its development dependencies; its comments stay.
fn without_development(manifest: &str) -> String {
    let mut skipped = false;
    let kept = manifest.split_inclusive('\n').filter(|line| {
        if line.starts_with('[') {
            skipped = line.starts_with("[dev-dependencies");
        }
        !skipped
    });
    kept.collect()
}

/// The workspace's manifest, reduced to the SDK and what it needs.
fn workspace(manifest: &str, wanted: &BTreeSet<String>) -> Result<String, Box<dyn Error>> {
    let manifest: Table = manifest.parse()?;
    let mut workspace = manifest
        .get("workspace")
        .and_then(Value::as_table)
        .cloned()
        .ok_or("the root manifest has no workspace")?;
    workspace.remove("exclude");
    workspace.insert("members".to_owned(), CRATES.map(|name| Value::String(name.to_owned())).to_vec().into());
    let dependencies = workspace
        .get_mut("dependencies")
        .and_then(Value::as_table_mut)
        .ok_or("the workspace has no dependencies")?;
    dependencies.retain(|name, _| wanted.contains(name));
    let reduced = Table::from_iter([("workspace".to_owned(), Value::Table(workspace))]);
    Ok(format!("# A copy of the `cog` library, written by `cog init`.\n{}", toml::to_string(&reduced)?))
}
