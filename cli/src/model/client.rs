//! The prediction API from a caller's side.

use std::time::Duration;

use cog_schema::envelope::{Health, PredictionResponse, ValidationBody};
use serde_json::{Map, Value, json};

use super::Error;

/// Most bytes that a model takes in one request.
const LARGEST: usize = 100 << 20;

/// Somebody who asks one model.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    /// Asks the model at `base`, `http://127.0.0.1:5000`.
    pub fn new(base: String) -> Result<Self, Error> {
        // A proxy is for other machines; the model is on this one.
        Ok(Self { http: reqwest::Client::builder().no_proxy().build()?, base })
    }

    /// How the model is; an error while nothing listens yet.
    pub async fn health(&self) -> Result<Health, Error> {
        let reply = self.http.get(format!("{}/health-check", self.base)).timeout(Duration::from_secs(1));
        Ok(reply.send().await?.error_for_status()?.json().await?)
    }

    /// The model's OpenAPI document.
    pub async fn schema(&self) -> Result<Value, Error> {
        let reply = self.http.get(format!("{}/openapi.json", self.base)).timeout(Duration::from_secs(10));
        Ok(reply.send().await?.error_for_status()?.json().await?)
    }

    /// One prediction, from its inputs to its end. Dropping the future cancels it.
    pub async fn predict(&self, input: &Map<String, Value>) -> Result<PredictionResponse, Error> {
        let body = json!({ "input": input, "context": {} }).to_string();
        if body.len() > LARGEST {
            return Err(Error::TooLarge(body.len() >> 20));
        }
        let url = format!("{}/predictions", self.base);
        let reply = self.http.post(url).header("content-type", "application/json").body(body).send().await?;
        let status = reply.status().as_u16();
        let text = reply.text().await?;
        match status {
            200 => serde_json::from_str(&text).map_err(|_| Error::Unexpected { status, text }),
            422 => Err(match serde_json::from_str::<ValidationBody>(&text) {
                Ok(body) => Error::Refused(body.detail.iter().map(ToString::to_string).collect()),
                Err(_) => Error::Unexpected { status, text },
            }),
            _ => Err(Error::Unexpected { status, text }),
        }
    }
}
