//! A file as a data URL, the one form in which a request carries it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The data URL of the file at `path`; the error is for a person, and names the file.
pub(super) fn data_url(path: &str) -> Result<String, String> {
    let path = expanded(path);
    let bytes = std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let media_type = mime_guess::from_path(&path).first_or_octet_stream();
    Ok(format!("data:{};base64,{}", media_type.essence_str(), STANDARD.encode(bytes)))
}

/// The path with a leading `~/` made the home directory, as a shell does where it sees one.
pub(super) fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(path).to_owned(),
    }
}
