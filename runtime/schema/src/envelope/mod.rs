//! The envelope: the fixed request and response around a predictor's input and output.
//!
//! Both sides of the wire share these types: the server writes what the command line reads, and the reverse.
//! When a response is sent, and with which HTTP status, is not known here.

mod discovery;
mod health;
mod request;
mod response;
mod status;
mod validation;

pub use discovery::Discovery;
pub use health::{Health, HealthStatus, QueueReport, SetupPhase, SetupReport, SetupStatus, Versions};
pub use request::{PredictionRequest, WebhookEvent};
pub use response::{Accepted, ErrorBody, PredictionResponse};
pub use status::Status;
pub use validation::{Detail, ValidationBody};
