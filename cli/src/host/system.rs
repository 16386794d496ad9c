//! What a model needs of a system, where there is no base image: libraries, certificates, users, a place for
//! temporary files.

use std::ffi::OsStr;

use super::libraries::Files;
use super::{Result, file};
use crate::context::archive::{Content, Entry};
use crate::context::trust::Certificates;

/// Where an image has the certificates it trusts.
pub(super) const TRUST: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where this machine may have them, unless `SSL_CERT_FILE` says where: Debian, Fedora, openSUSE, Alpine.
const BUNDLES: [&str; 4] =
    [TRUST, "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

const PASSWD: &str = "root:x:0:0:root:/:/sbin/nologin\nmodel:x:65532:65532:model:/src:/sbin/nologin\n";
const GROUP: &str = "root:x:0:\nmodel:x:65532:\n";
/// Host names are looked up as anywhere else, whatever the C library would do without being told.
const NAMES: &str = "passwd: files\ngroup: files\nhosts: files dns\n";

/// The lowest layer.
pub(super) fn entries(libraries: Files, certificates: Option<&Certificates>) -> Result<Vec<Entry>> {
    let made = |path: &str, text: &str| Entry::new(path, Content::Made(text.as_bytes().to_vec()));
    let mut entries = vec![
        made("etc/passwd", PASSWD),
        made("etc/group", GROUP),
        made("etc/nsswitch.conf", NAMES),
        made(TRUST.trim_start_matches('/'), &trusted(certificates)),
        Entry::new("tmp", Content::Directory(0o1777)),
        // Where the server says that it is ready, to Kubernetes: whatever user it is.
        Entry::new("var/run/cog", Content::Directory(0o1777)),
        Entry::new("src", Content::Directory(0o755)),
    ];
    for (place, source) in libraries {
        entries.push(file(&source, &place, true)?);
    }
    Ok(entries)
}

/// The certificates this machine trusts, and those of `COG_CA_CERT`; nothing else that lies in the same files.
pub(super) fn trusted(certificates: Option<&Certificates>) -> String {
    let read = |path: &OsStr| std::fs::read_to_string(path).ok();
    let bundle = match std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        Some(path) => read(&path),
        None => BUNDLES.iter().find_map(|path| read(path.as_ref())),
    };
    let bundle = bundle.as_deref().and_then(Certificates::pick);
    [bundle.as_ref(), certificates].into_iter().flatten().map(Certificates::pem).collect()
}
