//! Where the files of a weight come from: a directory, a file of the web, a repository of the Hugging Face hub.
//!
//! Owns the one form of an address, by which a lock file knows it again, and what a source was when it was read: its
//! fingerprint.

mod directory;
mod fetch;
mod hub;
mod web;

use std::path::{Path, PathBuf};

use reqwest::Url;

pub(super) use directory::{Found, walk};
pub(super) use fetch::Web;
pub(super) use hub::Hub;
pub(super) use web::file;

use super::{Error, Result, inventory};

/// A source, by the form of its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// The directory at that place.
    Directory(PathBuf),
    /// One file.
    Web(Url),
    /// A repository of the hub, and which of its revisions.
    Hub { repository: String, revision: Option<String> },
}

/// What a source had.
#[derive(Debug)]
pub(super) struct Had {
    /// What it was.
    pub(super) fingerprint: String,
    /// Its files.
    pub(super) files: Vec<inventory::File>,
}

impl Address {
    /// Reads an address; with its one form.
    pub(super) fn of(uri: &str, project: &Path) -> Result<(String, Self)> {
        match uri.split_once("://") {
            None | Some(("file", _)) => {
                directory::place(uri, project).map(|(uri, place)| (uri, Self::Directory(place)))
            }
            Some(("http" | "https", _)) => web::url(uri).map(|url| (url.to_string(), Self::Web(url))),
            Some(("hf" | "huggingface", rest)) => hub::address(uri, rest),
            Some(_) => Err(Error::BadSource {
                uri: uri.to_owned(),
                reason: "weights come from a directory, `https://` or `hf://`",
            }),
        }
    }
}
