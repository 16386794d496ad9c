//! Saying who asks: never more than the registry wants, and to nobody else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::challenge::Challenge;
use super::endpoint::{Endpoint, is_local};
use super::{Error, Result};
use crate::credentials::Login;

/// What one repository of one registry is told of the user.
#[derive(Debug)]
pub(super) struct Auth {
    registry: String,
    repository: String,
    login: Option<Login>,
    /// The value of `Authorization` that was accepted last.
    known: Mutex<Option<String>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

impl Auth {
    pub(super) fn new(registry: &str, repository: &str, login: Option<Login>) -> Self {
        Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            login,
            known: Mutex::new(None),
        }
    }

    /// What to say with a request, as far as that is known.
    pub(super) async fn header(&self) -> Option<String> {
        self.known.lock().await.clone()
    }

    /// What to say after `refused` was refused with such a challenge.
    pub(super) async fn answer(
        &self,
        endpoint: &Endpoint,
        challenge: Challenge,
        refused: Option<&str>,
    ) -> Result<String> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_deref()
            && Some(known) != refused
        {
            // Somebody else was told in the meantime.
            return Ok(known.to_owned());
        }
        let header = match challenge {
            Challenge::Basic => match &self.login {
                Some(login) if refused.is_none() => self.basic(login)?,
                Some(_) => return Err(self.refused("the user name or the password is wrong")),
                None => return Err(self.refused("it asks for a login")),
            },
            Challenge::Bearer { realm, service, scope } => {
                let usual = || match self.repository.as_str() {
                    "" => String::new(),
                    repository => format!("repository:{repository}:pull,push"),
                };
                let scope = scope.unwrap_or_else(usual);
                let token = self.token(endpoint, &realm, service.as_deref(), &scope).await?;
                format!("Bearer {token}")
            }
        };
        *known = Some(header.clone());
        Ok(header)
    }

    fn basic(&self, login: &Login) -> Result<String> {
        match login {
            Login::Password { username, password } => {
                Ok(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            }
            Login::IdentityToken(_) => Err(self.refused("it takes a password, and what is known is a token")),
        }
    }

    async fn token(
        &self,
        endpoint: &Endpoint,
        realm: &str,
        service: Option<&str>,
        scope: &str,
    ) -> Result<String> {
        let nonsense = |reason: String| Error::Nonsense { registry: self.registry.clone(), reason };
        let mut place = Url::parse(realm).map_err(|_| nonsense(format!("its realm is `{realm}`")))?;
        let local = place.host_str().is_some_and(is_local) && endpoint.base.host_str().is_some_and(is_local);
        if self.login.is_some() && place.scheme() != "https" && !local {
            return Err(Error::Eavesdropped { registry: self.registry.clone(), realm: realm.to_owned() });
        }
        // A login is no access to anything in particular.
        let scopes = scope.split(' ').filter(|scope| !scope.is_empty());
        let mut query: Vec<(&str, &str)> = scopes.map(|scope| ("scope", scope)).collect();
        query.push(("client_id", "cog"));
        query.extend(service.map(|service| ("service", service)));
        let request = match &self.login {
            Some(Login::IdentityToken(secret)) => {
                let mut form = place.clone();
                query.extend([("grant_type", "refresh_token"), ("refresh_token", secret.as_str())]);
                form.query_pairs_mut().clear().extend_pairs(query);
                endpoint
                    .http
                    .post(place)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form.query().unwrap_or_default().to_owned())
            }
            login => {
                place.query_pairs_mut().extend_pairs(query);
                match login {
                    Some(login) => endpoint.http.get(place).header("authorization", self.basic(login)?),
                    None => endpoint.http.get(place),
                }
            }
        };
        let reply = request.send().await.map_err(|error| endpoint.unreachable(&error))?;
        let status = reply.status();
        if matches!(status.as_u16(), 400 | 401 | 403) {
            return Err(self.refused(if self.login.is_some() {
                "the user name or the password is wrong"
            } else {
                "it asks for a login"
            }));
        }
        if !status.is_success() {
            return Err(Error::Answered {
                registry: self.registry.clone(),
                action: "a request for a token".to_owned(),
                status,
                reason: String::new(),
                after: None,
            });
        }
        let token: Token =
            reply.json().await.map_err(|_| nonsense("its token is no JSON document".to_owned()))?;
        let text = if token.token.is_empty() { token.access_token } else { token.token };
        if text.is_empty() { Err(nonsense("it gave no token".to_owned())) } else { Ok(text) }
    }

    fn refused(&self, reason: &str) -> Error {
        if self.repository.is_empty() {
            return Error::WrongLogin { registry: self.registry.clone(), reason: reason.to_owned() };
        }
        Error::Unauthorized {
            registry: self.registry.clone(),
            repository: self.repository.clone(),
            reason: reason.to_owned(),
        }
    }
}
