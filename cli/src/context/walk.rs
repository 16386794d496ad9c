//! Which files travel, and where they lie in the context.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{FileType, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::archive::{Content, Entry};
use super::ignore::Ignore;
use super::{ContextError, assets};
use crate::cache;
use crate::oci;
use crate::plan::{GENERATED, Plan};
use crate::project::Project;
use crate::weights::Claims;

/// Directories that never travel, whatever an ignore file says.
const NEVER: [&str; 4] = [".git", ".cog", GENERATED, ".hg"];

/// Files by their place in the context.
struct Chosen<'a> {
    root: &'a Path,
    files: BTreeMap<String, Content>,
    /// Of weights, which never travel.
    claims: Claims,
    /// Nor do these, by device and number: under whatever name they are there.
    secrets: Vec<(u64, u64)>,
}

/// What a model may read while it runs, relative to the project, sorted.
#[derive(Debug, Default)]
pub struct Assets {
    /// What travels with the code.
    pub small: Vec<Entry>,
    /// What is as large as weights are: never part of a context, and of a layer of its own.
    pub large: Vec<Entry>,
}

impl Assets {
    /// The links that lead to what is not in the project, and so not in an image, and where they lead.
    pub fn strays(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.small.iter().filter_map(|entry| match &entry.content {
            Content::Link(target) if assets::leaves(Path::new(&entry.path), target) => {
                Some((entry.path.as_str(), target.as_path()))
            }
            _ => None,
        })
    }
}

/// Bytes from which on an asset is large.
const LARGE: u64 = 10 << 20;

/// All entries of a build, sorted.
pub(super) fn entries(
    project: &Project,
    plan: &Plan,
    generated: &[(&str, &str)],
) -> Result<Vec<Entry>, ContextError> {
    let closure = &project.closure;
    let mut chosen = Chosen::of(project, &closure.root, &plan.secrets);
    let ignore = Ignore::read(&project.directory.join(".dockerignore"))?;
    chosen.directory(&project.directory, &project.directory, &ignore)?;
    let list = assets::list(project, chosen.files.keys().map(String::as_str), &plan.context.project);
    let prefix =
        if plan.context.project == "." { String::new() } else { format!("{}/", plan.context.project) };
    let (large, list): (Vec<&str>, Vec<&str>) =
        list.lines().partition(|path| is_large(&chosen.files, &format!("{prefix}{path}")));
    for path in large {
        chosen.files.remove(&format!("{prefix}{path}"));
    }
    let list = list.into_iter().fold(String::new(), |list, path| list + path + "\n");

    // What Cargo needs travels whether it is ignored or not.
    for member in closure.members.iter().filter(|member| member.directory != project.directory) {
        chosen.directory(&member.directory, &member.directory, &Ignore::default())?;
    }
    for directory in &closure.vendored {
        chosen.directory(directory, directory, &Ignore::default())?;
    }
    for file in &closure.files {
        chosen.file(file)?;
    }
    for stub in &closure.stubs {
        let place = chosen.place(stub)?;
        chosen.files.entry(place).or_insert_with(|| Content::Made(Vec::new()));
    }
    let made = generated.iter().map(|(name, text)| (*name, (*text).to_owned())).chain([("assets", list)]);
    let certificates = plan.certificates.iter().map(|certificates| ("ca.crt", certificates.pem().to_owned()));
    for (name, text) in made.chain(certificates) {
        chosen.files.insert(format!("{GENERATED}/{name}"), Content::Made(text.into_bytes()));
    }
    Ok(chosen.files.into_iter().map(|(path, content)| Entry::new(path, content)).collect())
}

pub(super) fn split(project: &Project, secrets: &[PathBuf]) -> Result<Assets, ContextError> {
    let mut chosen = Chosen::of(project, &project.directory, secrets);
    let ignore = Ignore::read(&project.directory.join(".dockerignore"))?;
    chosen.directory(&project.directory, &project.directory, &ignore)?;
    let list = assets::list(project, chosen.files.keys().map(String::as_str), ".");
    let mut found = Assets::default();
    for path in list.lines() {
        let place = if is_large(&chosen.files, path) { &mut found.large } else { &mut found.small };
        place.extend(chosen.files.remove(path).map(|content| Entry::new(path, content)));
    }
    Ok(found)
}

fn is_large(files: &BTreeMap<String, Content>, path: &str) -> bool {
    matches!(files.get(path), Some(Content::File { size, .. }) if *size >= LARGE)
}

impl<'a> Chosen<'a> {
    fn of(project: &Project, root: &'a Path, secrets: &[PathBuf]) -> Self {
        let claims = Claims::of(&project.directory, &project.config.weights);
        let secrets = secrets.iter().filter_map(|path| Some(identity(&path.metadata().ok()?))).collect();
        Self { root, files: BTreeMap::new(), claims, secrets }
    }

    /// Chooses what is below `directory`; `top` is where the ignore file's paths begin.
    fn directory(&mut self, directory: &Path, top: &Path, ignore: &Ignore) -> Result<(), ContextError> {
        let unreadable = |source| ContextError::Read { path: directory.to_owned(), source };
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() && (is_never(&name) || is_made(&path)) {
                continue;
            }
            let relative = text(path.strip_prefix(top).unwrap_or(&path));
            let excluded = relative.as_deref().is_some_and(|relative| ignore.excludes(relative));
            if kind.is_dir() {
                if !excluded || relative.as_deref().is_some_and(|relative| ignore.takes_back_below(relative))
                {
                    self.directory(&path, top, ignore)?;
                }
            } else if !excluded && !self.claims.has(&path) {
                relative.ok_or_else(|| ContextError::Name(path.clone()))?;
                self.entry(&path, kind)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), ContextError> {
        let unreadable = |source| ContextError::Read { path: path.to_owned(), source };
        let kind = path.symlink_metadata().map_err(unreadable)?.file_type();
        self.entry(path, kind)
    }

    fn entry(&mut self, path: &Path, kind: FileType) -> Result<(), ContextError> {
        let unreadable = |source| ContextError::Read { path: path.to_owned(), source };
        let content = if kind.is_symlink() {
            Content::Link(std::fs::read_link(path).map_err(unreadable)?)
        } else if kind.is_file() {
            let metadata = path.metadata().map_err(unreadable)?;
            if self.secrets.contains(&identity(&metadata)) {
                return Ok(());
            }
            let executable = metadata.permissions().mode() & 0o100 != 0;
            Content::File { source: path.to_owned(), size: metadata.len(), executable }
        } else {
            return Err(ContextError::Odd { path: path.to_owned(), kind: odd(kind) });
        };
        let place = self.place(path)?;
        self.files.insert(place, content);
        Ok(())
    }

    /// Where a file lies in the context.
    fn place(&self, path: &Path) -> Result<String, ContextError> {
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        text(relative).ok_or_else(|| ContextError::Name(path.to_owned()))
    }
}

fn text(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(OsStr::to_str).collect();
    parts.map(|parts| parts.join("/"))
}

fn is_never(name: &OsStr) -> bool {
    NEVER.iter().any(|never| name == *never)
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// Whether it is what was made of the sources: what Cargo compiled, somebody's cache, images.
fn is_made(path: &Path) -> bool {
    let sibling: PathBuf = path.with_file_name("Cargo.toml");
    path.join(cache::TAG).is_file()
        || path.join(oci::MARK).is_file()
        || (path.ends_with("target") && sibling.is_file())
}

fn odd(kind: FileType) -> &'static str {
    match kind {
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}
