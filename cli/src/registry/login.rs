//! Whether a login is one, found out before it is kept.

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde::Deserialize;

use super::auth::Auth;
use super::challenge::Challenge;
use super::endpoint::Endpoint;
use super::{Error, Result};
use crate::context::trust::Certificates;
use crate::credentials::Login;

/// What a registry makes of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It lets this user in.
    Welcome,
    /// It lets everybody in.
    Unasked,
}

/// Shows `login` to the registry at `host`, and to nobody else.
///
/// # Errors
/// A registry that does not let this user in, or that nobody answers at.
pub async fn check(host: &str, login: &Login, certificates: Option<&Certificates>) -> Result<Checked> {
    let endpoint = Endpoint::of(host, certificates).await?;
    let ask = |said: Option<String>| {
        let request = endpoint.http.get(endpoint.base.clone());
        let request = match said {
            Some(said) => request.header(AUTHORIZATION, said),
            None => request,
        };
        endpoint.within(request.send())
    };
    let reply = ask(None).await?;
    if reply.status().is_success() {
        return Ok(Checked::Unasked);
    }
    let nonsense = |reason: String| Error::Nonsense { registry: host.to_owned(), reason };
    // Where it sends us, nobody may ask for what is meant for it.
    if reply.status() != StatusCode::UNAUTHORIZED || !endpoint.is_at(reply.url()) {
        return Err(nonsense(format!("it answered {} at `/v2/`", reply.status())));
    }
    let challenges = reply.headers().get_all(WWW_AUTHENTICATE).iter();
    let challenge = challenges.filter_map(|value| value.to_str().ok()).find_map(Challenge::parse);
    let challenge = challenge.ok_or_else(|| nonsense("it does not say how to log in".to_owned()))?;
    let auth = Auth::new(host, "", Some(login.clone()));
    let said = auth.answer(&endpoint, challenge, None).await?;
    let reply = ask(Some(said)).await?;
    match reply.status() {
        status if status.is_success() => Ok(Checked::Welcome),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Error::WrongLogin {
            registry: host.to_owned(),
            reason: "the user name or the password is wrong".to_owned(),
        }),
        status => Err(nonsense(format!("it answered {status} at `/v2/`"))),
    }
}

/// Replicate's registry: a token from a web page, and a user's name for it.
pub mod replicate {
    use super::{Certificates, Deserialize, Endpoint, Error, Result, StatusCode};

    #[derive(Deserialize)]
    struct Page {
        url: String,
    }

    #[derive(Deserialize)]
    struct User {
        username: String,
    }

    /// Where a user finds a token; `None` where the registry is another's.
    ///
    /// # Errors
    /// A registry that nobody answers at, or that answers something else.
    pub async fn page(host: &str, certificates: Option<&Certificates>) -> Result<Option<String>> {
        let endpoint = Endpoint::of(host, certificates).await?;
        let url = place(&endpoint, "/cog/v1/display-token-url");
        let reply = endpoint.within(endpoint.http.get(url).send()).await?;
        match reply.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let page = serde_json::from_slice(&endpoint.head(reply).await);
                let page: Page = page.map_err(|_| nonsense(host, "its page for tokens"))?;
                Ok(Some(page.url))
            }
            status => Err(answered(host, status)),
        }
    }

    /// Whose token it is; `None` where it is nobody's.
    ///
    /// # Errors
    /// As for [`page`].
    pub async fn user(
        host: &str,
        token: &str,
        certificates: Option<&Certificates>,
    ) -> Result<Option<String>> {
        let endpoint = Endpoint::of(host, certificates).await?;
        let mut form = endpoint.base.clone();
        form.query_pairs_mut().clear().append_pair("token", token);
        let request = endpoint
            .steady
            .post(place(&endpoint, "/cog/v1/verify-token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        let reply = endpoint.within(request.send()).await?;
        match reply.status() {
            StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(None),
            status if status.is_success() => {
                let user = serde_json::from_slice(&endpoint.head(reply).await);
                let user: User = user.map_err(|_| nonsense(host, "its answer to a token"))?;
                Ok(Some(user.username))
            }
            status => Err(answered(host, status)),
        }
    }

    fn place(endpoint: &Endpoint, path: &str) -> reqwest::Url {
        let mut url = endpoint.base.clone();
        url.set_path(path);
        url
    }

    fn nonsense(host: &str, what: &str) -> Error {
        Error::Nonsense { registry: host.to_owned(), reason: format!("{what} is no JSON document") }
    }

    fn answered(host: &str, status: StatusCode) -> Error {
        Error::Answered {
            registry: host.to_owned(),
            action: "a login".to_owned(),
            status,
            reason: status.canonical_reason().unwrap_or("no reason given").to_owned(),
            after: None,
        }
    }
}
