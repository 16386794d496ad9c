//! One repository of one registry, and requests to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};

use super::auth::Auth;
use super::challenge::Challenge;
use super::endpoint::Endpoint;
use super::places::Places;
use super::{Error, Result, Sending};
use crate::context::trust::Certificates;
use crate::credentials;
use crate::reference::Reference;

/// How long nothing may move.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// A repository of a registry.
#[derive(Debug)]
pub struct Registry {
    endpoint: Endpoint,
    repository: String,
    auth: Auth,
    places: Places,
    pub(super) sending: Sending,
}

impl Registry {
    /// The repository that `reference` names, asked with the credentials that Docker's configuration has for its
    /// registry. `certificates` are trusted beside those of this machine. Speaks HTTPS; to this very machine plain
    /// HTTP, too, where that is what answers.
    ///
    /// # Errors
    /// Credentials or certificates that are configured and cannot be had, a registry that nobody answers at.
    pub async fn of(reference: &Reference, certificates: Option<&Certificates>) -> Result<Self> {
        let sending = Sending::from_environment()?;
        let host = reference.registry().to_owned();
        let asked = host.clone();
        let login = tokio::task::spawn_blocking(move || credentials::lookup(&asked))
            .await
            .unwrap_or(Ok(None))
            .map_err(|source| Error::Credentials { registry: host.clone(), source })?;
        let endpoint = Endpoint::of(&host, certificates).await?;
        let repository = reference.repository();
        let auth = Auth::new(&host, &repository, login);
        let places = Places::of(&host);
        Ok(Self { endpoint, repository, auth, places, sending })
    }

    /// Its host, with its port if it has one.
    pub(super) fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// Its name in the registry.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// Another repository of the registry that has the blob.
    pub(super) fn elsewhere(&self, digest: &str) -> Option<&str> {
        self.places.elsewhere(digest, &self.repository)
    }

    /// Remembers what is there now.
    pub(super) fn note<'a>(&self, digests: impl Iterator<Item = &'a str>) {
        self.places.note(&self.repository, digests);
    }

    /// `/v2/REPOSITORY/REST`.
    pub(super) fn url(&self, rest: &str) -> Url {
        let mut url = self.endpoint.base.clone();
        url.set_path(&format!("/v2/{}/{rest}", self.repository));
        url
    }

    /// A place that the registry named, which may be relative.
    pub(super) fn resolve(&self, place: &str) -> Result<Url> {
        self.endpoint.base.join(place).map_err(|_| Error::Nonsense {
            registry: self.host().to_owned(),
            reason: format!("it names the place `{place}`"),
        })
    }

    /// What comes of `work` unless nothing moves for a while.
    pub(super) async fn within<T>(&self, work: impl Future<Output = reqwest::Result<T>>) -> Result<T> {
        self.endpoint.within(work).await
    }

    /// Sends what `make` makes, twice where the registry asks who it is from.
    pub(super) async fn send(
        &self,
        url: Url,
        make: impl Fn(&Client, Url) -> RequestBuilder + Send,
        moved: Option<&Arc<AtomicU64>>,
    ) -> Result<Response> {
        self.send_within(SILENCE, url, make, moved).await
    }

    /// The same where nothing may move for as long as `patience`.
    pub(super) async fn send_within(
        &self,
        patience: Duration,
        url: Url,
        make: impl Fn(&Client, Url) -> RequestBuilder + Send,
        moved: Option<&Arc<AtomicU64>>,
    ) -> Result<Response> {
        // What the registry is told is for the registry, not for where it sends us.
        let trusted = self.endpoint.is_at(&url);
        let said = if trusted { self.auth.header().await } else { None };
        let reply =
            self.once(patience, make(&self.endpoint.http, url.clone()), said.as_deref(), moved).await?;
        // Nor is it told to whom another one, where it sent us, wants it told.
        let asks = reply.status() == StatusCode::UNAUTHORIZED && self.endpoint.is_at(reply.url());
        if !asks || !trusted {
            return Ok(reply);
        }
        let challenges = reply.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenge = challenges.filter_map(|value| value.to_str().ok()).find_map(Challenge::parse);
        let Some(challenge) = challenge else { return Ok(reply) };
        let said = self.auth.answer(&self.endpoint, challenge, said.as_deref()).await?;
        self.once(patience, make(&self.endpoint.http, url), Some(&said), moved).await
    }

    async fn once(
        &self,
        patience: Duration,
        request: RequestBuilder,
        said: Option<&str>,
        moved: Option<&Arc<AtomicU64>>,
    ) -> Result<Response> {
        let request = match said {
            Some(said) => request.header(AUTHORIZATION, said),
            None => request,
        };
        let reply = request.send();
        tokio::pin!(reply);
        let so_far = || moved.map_or(0, |moved| moved.load(Ordering::Relaxed));
        let mut seen = so_far();
        loop {
            tokio::select! {
                reply = &mut reply => {
                    return reply.map_err(|error| self.endpoint.unreachable(&error));
                }
                () = tokio::time::sleep(patience) => {
                    let now = so_far();
                    if now == seen {
                        return Err(Error::Silent { registry: self.host().to_owned() });
                    }
                    seen = now;
                }
            }
        }
    }

    /// The repository is not there, and is not made by sending something to it.
    pub(super) fn no_repository(&self) -> Error {
        Error::NoRepository { registry: self.host().to_owned(), repository: self.repository.clone() }
    }

    /// An answer that is not the one hoped for, as an error.
    pub(super) async fn refusal(&self, reply: Response, action: &str) -> Error {
        let status = reply.status();
        let after = retry_after(reply.headers());
        // The head is enough to tell what it is about.
        let text = String::from_utf8_lossy(&self.endpoint.head(reply).await).into_owned();
        let (registry, repository) = (self.host().to_owned(), self.repository.clone());
        let reason = words(&text, status);
        match status.as_u16() {
            401 => Error::Unauthorized { registry, repository, reason },
            403 => Error::Forbidden { registry, repository, reason },
            404 if text.contains("NAME_UNKNOWN") => self.no_repository(),
            413 => Error::TooLarge { registry, reason },
            _ => Error::Answered { registry, action: action.to_owned(), status, reason, after },
        }
    }
}

/// What a registry says of an error, in a line.
fn words(text: &str, status: StatusCode) -> String {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let first = &document["errors"][0];
    let said = [&first["message"], &first["code"], &document["details"], &document["message"]];
    let said = said.into_iter().find_map(|said| said.as_str().filter(|said| !said.is_empty()));
    let said = said.map(str::to_owned).or_else(|| {
        let line = text.lines().find(|line| !line.trim().is_empty() && !line.contains('<'))?;
        Some(line.trim().chars().take(200).collect())
    });
    said.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given").to_owned())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::from_secs(u64::try_from(moment.as_second() - Timestamp::now().as_second()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn a_registrys_words_are_found_in_what_it_says() {
        let status = StatusCode::BAD_GATEWAY;
        let own = r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#;
        assert_eq!(words(own, status), "not yours");
        assert_eq!(words("<html>\n<b>nginx</b></html>", status), "Bad Gateway");
        assert_eq!(words("quota exceeded\n", status), "quota exceeded");
    }

    #[test]
    fn a_wait_is_seconds_or_a_moment() {
        let after = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
    }
}
