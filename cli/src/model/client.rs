//! The prediction API from a caller's side.

use std::time::Duration;

use cog_schema::envelope::{ErrorBody, Health, PredictionResponse, ValidationBody};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, StatusCode, Url};
use serde_json::{Map, Value, json};

use super::{Error, Events};
use crate::context::trust::Certificates;

/// Most bytes that a model takes in one request.
const LARGEST: usize = 100 << 20;

/// Somebody who asks one model.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// What a model that was asked for events does.
#[derive(Debug)]
pub enum Told {
    /// It tells them.
    Events(Events),
    /// It cannot, and nothing was begun.
    NoEvents,
}

impl Client {
    /// Asks the model of this machine at `base`, `http://127.0.0.1:5000`.
    pub fn new(base: String) -> Result<Self, Error> {
        // A proxy is for other machines; the model is on this one.
        Ok(Self { http: reqwest::Client::builder().no_proxy().build()?, base })
    }

    /// Asks the model at `url`, wherever that is. `certificates` are trusted beside this machine's.
    pub fn remote(url: &Url, certificates: Option<&Certificates>) -> Result<Self, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cog/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15));
        if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
            builder = builder.no_proxy();
        }
        if let Some(trusted) = certificates {
            builder =
                builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(trusted.pem().as_bytes())?);
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http: builder.build()?, base })
    }

    /// How the model is; an error while nothing listens yet, within `limit` at most.
    pub async fn health(&self, limit: Duration) -> Result<Health, Error> {
        let reply = self.http.get(format!("{}/health-check", self.base)).timeout(limit);
        Ok(reply.send().await?.error_for_status()?.json().await?)
    }

    /// The model's OpenAPI document.
    pub async fn schema(&self) -> Result<Value, Error> {
        let reply = self.http.get(format!("{}/openapi.json", self.base)).timeout(Duration::from_secs(10));
        Ok(reply.send().await?.error_for_status()?.json().await?)
    }

    /// One prediction, from its inputs to its end. Dropping the future cancels it.
    pub async fn predict(&self, input: &Map<String, Value>) -> Result<PredictionResponse, Error> {
        let reply = self.post(input, "application/json").await?;
        if reply.status() != StatusCode::OK {
            return Err(refusal(reply).await);
        }
        let text = reply.text().await?;
        serde_json::from_str(&text).map_err(|_| Error::Unexpected { status: 200, text })
    }

    /// One prediction, event by event.
    pub async fn events(&self, input: &Map<String, Value>) -> Result<Told, Error> {
        let reply = self.post(input, "text/event-stream").await?;
        match reply.status() {
            StatusCode::OK => Ok(Told::Events(Events::new(reply.bytes_stream()))),
            StatusCode::NOT_ACCEPTABLE => Ok(Told::NoEvents),
            _ => Err(refusal(reply).await),
        }
    }

    /// Bytes of memory that the model and its server take, where they tell.
    pub async fn memory(&self) -> Option<u64> {
        let reply = self.http.get(format!("{}/metrics", self.base)).timeout(Duration::from_secs(1));
        let text = reply.send().await.ok()?.error_for_status().ok()?.text().await.ok()?;
        resident(&text)
    }

    async fn post(&self, input: &Map<String, Value>, accept: &str) -> Result<Response, Error> {
        let body = json!({ "input": input, "context": {} }).to_string();
        if body.len() > LARGEST {
            return Err(Error::TooLarge(body.len() >> 20));
        }
        let request = self.http.post(format!("{}/predictions", self.base));
        let request = request.header(CONTENT_TYPE, "application/json").header(ACCEPT, accept);
        Ok(request.body(body).send().await?)
    }
}

/// The sum over all processes on a page of metrics.
fn resident(page: &str) -> Option<u64> {
    let samples = page.lines().filter(|line| line.starts_with("cog_resident_memory_bytes"));
    samples.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).reduce(|sum: u64, bytes| sum + bytes)
}

/// What an answer that is no prediction says.
async fn refusal(reply: Response) -> Error {
    let status = reply.status().as_u16();
    let text = match reply.text().await {
        Ok(text) => text,
        Err(error) => return error.into(),
    };
    if status == 422
        && let Ok(body) = serde_json::from_str::<ValidationBody>(&text)
    {
        return Error::Refused(body.detail.iter().map(ToString::to_string).collect());
    }
    let text = serde_json::from_str::<ErrorBody>(&text).map_or(text, |body| body.error);
    match status {
        409 => Error::Busy(text),
        _ => Error::Unexpected { status, text },
    }
}

#[cfg(test)]
mod tests {
    use super::resident;

    #[test]
    fn memory_is_that_of_all_processes() {
        let page = "# TYPE cog_resident_memory_bytes gauge\ncog_resident_memory_bytes{process=\"server\"} 12\n\
                    cog_resident_memory_bytes{process=\"worker 0\"} 30\ncog_slots 1\n";
        assert_eq!(resident(page), Some(42));
        assert_eq!(resident("cog_slots 1\n"), None);
    }
}
