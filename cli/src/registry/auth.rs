//! Saying who asks: never more than the registry wants, and to nobody else.

use std::collections::{BTreeMap, BTreeSet};

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
    known: Mutex<Option<Known>>,
}

/// What is said with requests.
#[derive(Debug)]
struct Known {
    /// The value of `Authorization`.
    header: String,
    /// What it gives access to; everything that the user may do, where that is not told.
    scope: Option<String>,
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
        self.known.lock().await.as_ref().map(|known| known.header.clone())
    }

    /// What to say after `refused` was refused with such a challenge.
    pub(super) async fn answer(
        &self,
        endpoint: &Endpoint,
        challenge: Challenge,
        refused: Option<&str>,
    ) -> Result<String> {
        let mut known = self.known.lock().await;
        let wanted = match &challenge {
            Challenge::Basic => None,
            Challenge::Bearer { scope, .. } => Some(scope.clone().unwrap_or_else(|| self.usual_scope())),
        };
        if let Some(known) = known.as_ref()
            && Some(known.header.as_str()) != refused
            && wanted
                .as_ref()
                .is_none_or(|wanted| known.scope.as_ref().is_none_or(|scope| covers(scope, wanted)))
        {
            // Somebody else was told in the meantime.
            return Ok(known.header.clone());
        }
        // Others go on with it, and should not have to ask for what they had.
        let before = known.as_ref().and_then(|known| known.scope.as_deref()).unwrap_or_default();
        let scope = wanted.map(|wanted| union(before, &wanted));
        let header = match challenge {
            Challenge::Basic => match &self.login {
                Some(login) if refused.is_none() => self.basic(login)?,
                Some(_) => return Err(self.refused("the user name or the password is wrong")),
                None => return Err(self.refused("it asks for a login")),
            },
            Challenge::Bearer { realm, service, .. } => {
                let scope = scope.as_deref().unwrap_or_default();
                let token = self.token(endpoint, &realm, service.as_deref(), scope).await?;
                format!("Bearer {token}")
            }
        };
        *known = Some(Known { header: header.clone(), scope });
        Ok(header)
    }

    /// What is done in the repository, where the registry does not say for what it wants a token.
    fn usual_scope(&self) -> String {
        match self.repository.as_str() {
            "" => String::new(),
            repository => format!("repository:{repository}:pull,push"),
        }
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
                    .steady
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
        let reply = endpoint.within(request.send()).await?;
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
        let token = serde_json::from_slice(&endpoint.head(reply).await);
        let token: Token = token.map_err(|_| nonsense("its token is no JSON document".to_owned()))?;
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

/// What a scope, `TYPE:NAME:ACTION,ACTION` after blanks, gives access to: for each thing what may be done with it.
fn parts(scope: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (thing, actions) in scope.split_whitespace().filter_map(|part| part.rsplit_once(':')) {
        parts.entry(thing).or_default().extend(actions.split(','));
    }
    parts
}

/// Whether who has access to `scope` has it to `wanted`.
fn covers(scope: &str, wanted: &str) -> bool {
    let scope = parts(scope);
    parts(wanted)
        .iter()
        .all(|(thing, actions)| scope.get(thing).is_some_and(|known| actions.is_subset(known)))
}

/// What gives access to all that either of two gives access to.
fn union(one: &str, other: &str) -> String {
    let both = format!("{one} {other}");
    let part = |(thing, actions): (&str, BTreeSet<&str>)| {
        format!("{thing}:{}", actions.into_iter().collect::<Vec<_>>().join(","))
    };
    parts(&both).into_iter().map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_compared_and_put_together_by_what_may_be_done_with_what() {
        let (push, mount) =
            ("repository:me/a:pull,push", "repository:me/a:pull,push repository:h:5000/b:pull");
        assert!(covers(push, "repository:me/a:pull") && covers(mount, push) && covers("", ""));
        assert!(!covers(push, mount) && !covers("repository:me/a:pull", push));
        assert_eq!(
            union(push, "repository:h:5000/b:pull"),
            "repository:h:5000/b:pull repository:me/a:pull,push"
        );
        assert_eq!(union("repository:me/a:pull", "repository:me/a:push"), push);
        assert_eq!(union("", ""), "");
    }
}
