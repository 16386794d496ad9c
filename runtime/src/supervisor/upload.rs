//! Files of an output on their way to where the operator wants them: `PUT` to a URL, whose answer says where they are.

use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::files;
use super::net::{Client, Content, Fault, Request, Url};
use crate::settings::Settings;

const PATIENCE: Duration = Duration::from_secs(25);
/// How often it is tried where another try may end better.
const MOST_TRIES: u32 = 3;

/// The place for files.
pub(super) struct Uploads {
    client: Client,
    base: String,
}

impl Uploads {
    /// The place that the operator named, if any.
    pub(super) fn from_settings(settings: &Settings) -> Option<Self> {
        Some(Self { client: Client::new(settings).trusting(), base: settings.upload_url.clone()? })
    }

    /// Uploads a file; gives its URL.
    ///
    /// # Errors
    /// A sentence, if it did not get there. Clients see it, so it does not show what only the operator knows.
    pub(super) async fn put(&self, path: &Path) -> Result<String, String> {
        let failed = |fault: &dyn std::fmt::Display| format!("Failed to upload output: {fault}");
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("output");
        let url = Url::parse(&place(&self.base, name))
            .map_err(|_| failed(&"COG_UPLOAD_URL is no http or https URL"))?;
        let mut headers = HeaderMap::new();
        if let Ok(media_type) = HeaderValue::from_str(files::media_type(path)) {
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        let content = Content::File(path.to_owned());
        // The limit is on the whole (see `attempt`), so no part of it may end first.
        let request = Request { method: Method::PUT, url, headers, content, patience: 2 * PATIENCE };
        let mut tried = 0;
        loop {
            tried += 1;
            match self.attempt(request.clone()).await {
                Ok(place) => return Ok(place),
                Err((fault, again)) if !again || tried == MOST_TRIES => return Err(failed(&fault)),
                Err(_) => tokio::time::sleep(Duration::from_millis(100) * 2u32.pow(tried)).await,
            }
        }
    }

    /// The error says whether another try may end better.
    async fn attempt(&self, request: Request) -> Result<String, (String, bool)> {
        let sent = tokio::time::timeout(PATIENCE, self.client.send(request)).await;
        let (response, url) = match sent {
            Err(_) => return Err((format!("timed out after {} s", PATIENCE.as_secs()), false)),
            Ok(Err(Fault::Refused(fault))) => return Err((fault, false)),
            Ok(Err(Fault::Failed(fault))) => return Err((fault, true)),
            Ok(Ok(answer)) => answer,
        };
        let status = response.status();
        if !status.is_success() {
            let again = status.is_server_error() || status.as_u16() == 429;
            return Err((format!("upload returned status {status}"), again));
        }
        let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
        Ok(location.map_or_else(|| url.to_string(), without_query))
    }
}

/// The URL of a file of that name: it goes behind the path, before a query.
fn place(base: &str, name: &str) -> String {
    let base = base.split('#').next().unwrap_or_default();
    let (path, query) = match base.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (base, String::new()),
    };
    let slash = if path.ends_with('/') { "" } else { "/" };
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{path}{slash}{encoded}{query}")
}

/// The URL without its query; a fragment stays.
fn without_query(url: &str) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, format!("#{fragment}")),
        None => (url, String::new()),
    };
    format!("{}{fragment}", url.split('?').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_behind_the_path_and_before_the_query() {
        for (base, name, url) in [
            ("http://h/up", "a.png", "http://h/up/a.png"),
            ("http://h/up/", "a.png", "http://h/up/a.png"),
            ("http://h/up?token=1", "a.png", "http://h/up/a.png?token=1"),
            ("http://h/up", "a b#c?d.txt", "http://h/up/a%20b%23c%3Fd.txt"),
            ("http://h/up", "é/%.txt", "http://h/up/%C3%A9%2F%25.txt"),
        ] {
            assert_eq!(place(base, name), url);
        }
    }

    #[tokio::test]
    async fn a_fault_does_not_show_the_operators_token() {
        let client = Client::new(&Settings::from_env()).trusting();
        // Nobody listens there, or nobody can.
        for base in ["http://127.0.0.1:1/up?token=secret", "ftp://user:secret@h/up?token=secret"] {
            let uploads = Uploads { client: client.clone(), base: base.to_owned() };
            let fault = uploads.put(Path::new("a.png")).await;
            assert!(fault.as_ref().is_err_and(|fault| !fault.contains("secret")), "{fault:?}");
        }
    }

    #[test]
    fn an_uploaded_files_url_has_no_query() {
        assert_eq!(without_query("http://h/a?b=c#d"), "http://h/a#d");
        assert_eq!(without_query("http://h/a"), "http://h/a");
    }
}
