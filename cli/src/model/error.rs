//! Why a running model gives no answer.

/// Why a model did not become ready, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its setup failed.
    #[error("the model's setup failed{}", .0.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default())]
    SetupFailed(Option<String>),
    /// Its setup took too long.
    #[error("the model was not ready after {0} s")]
    NotReady(u64),
    /// It ended.
    #[error("the model ended while it was needed{0}")]
    Ended(String),
    /// It runs where nobody can ask it.
    #[error("the engine runs the model and publishes no port of it")]
    NoPort,
    /// It is in no state to answer.
    #[error("the model is in no state to answer: its health is {0}")]
    Unhealthy(&'static str),
    /// It takes no request of this size.
    #[error("the inputs are too large: a request may have 100 MiB, and this one has {0} MiB")]
    TooLarge(usize),
    /// It refused the inputs.
    #[error("the model refused the inputs:{}", .0.iter().map(|fault| format!("\n- {fault}")).collect::<String>())]
    Refused(Vec<String>),
    /// All its slots are taken.
    #[error("the model is busy: {0}")]
    Busy(String),
    /// It gave up telling how the prediction goes.
    #[error("the model's events end: {0}")]
    Stream(String),
    /// There is no model.
    #[error("there is no Cog model at {url}{}", .reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    NoModel {
        /// Where it was looked for.
        url: String,
        /// What is there instead.
        reason: Option<String>,
    },
    /// It answered with something that is no prediction.
    #[error("the model answered with status {status}: {text}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What it said.
        text: String,
    },
    /// The connection broke.
    #[error("the model does not answer")]
    Connection(#[from] reqwest::Error),
}

impl Error {
    /// What to do about it, where this program knows.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotReady(_) => "give it more time with `--setup-timeout SECONDS`".to_owned(),
            Self::NoPort => {
                "let the engine give containers a network of their own, which is its default".to_owned()
            }
            Self::Busy(_) => "wait for its predictions to end, or let it take several at a time".to_owned(),
            Self::NoModel { .. } => {
                "`cog serve` starts one; its URL has no path such as `/predictions`".to_owned()
            }
            Self::TooLarge(_) => {
                "put large files where the model can fetch them, and pass their URL".to_owned()
            }
            _ => return None,
        })
    }
}
