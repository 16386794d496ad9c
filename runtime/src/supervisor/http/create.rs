//! Creating, joining and cancelling predictions.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use cog_schema::envelope::{Accepted, Detail, PredictionRequest, Status, ValidationBody};
use serde_json::json;

use super::{Context, body, reply};
use crate::supervisor::clock;
use crate::supervisor::dispatcher::{Desk, Order, Placed};

const NOT_READY: &str =
    "Setup has not finished yet. Wait until it has finished, or GET /health-check for status.";
const BUSY: &str = "At capacity - all prediction slots busy";
const NO_STREAM: &str = "This model does not support streaming responses.";
const ID_TAKEN: &str = "A prediction with this id is in flight. PUT joins it; POST needs an id of its own.";

/// `POST /predictions`
pub(super) async fn post(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    match body::envelope(&headers, body).await {
        Ok(mut request) => {
            let id = request.id.take().unwrap_or_else(clock::fresh_id);
            create(&context, &headers, request, id, false).await
        }
        Err(refusal) => refusal,
    }
}

/// `PUT /predictions/{id}`
pub(super) async fn put(
    State(context): State<Context>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = match body::envelope(&headers, body).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    if request.id.as_ref().is_some_and(|given| *given != id) {
        return invalid(vec![Detail::mismatched_id()]);
    }
    if !wants_stream(&headers)
        && let Some(running) = context.desk.find(id.clone()).await
    {
        return reply::json(StatusCode::ACCEPTED, &running);
    }
    create(&context, &headers, request, id, true).await
}

/// `POST /predictions/{id}/cancel`
pub(super) async fn cancel(State(context): State<Context>, Path(id): Path<String>) -> Response {
    let found = context.desk.cancel(id).await;
    reply::json(if found { StatusCode::OK } else { StatusCode::NOT_FOUND }, &json!({}))
}

async fn create(
    context: &Context,
    headers: &HeaderMap,
    request: PredictionRequest,
    id: String,
    join: bool,
) -> Response {
    if wants_stream(headers) {
        return reply::error(StatusCode::NOT_ACCEPTABLE, NO_STREAM);
    }
    let Some(model) = context.desk.model() else {
        return reply::refused(StatusCode::SERVICE_UNAVAILABLE, NOT_READY);
    };
    let checked = match model.signature.check_input(request.input) {
        Ok(checked) => checked,
        Err(details) => return invalid(details),
    };
    let order = Order { id: id.clone(), checked, context: request.context, join };
    let (run, end) = match context.desk.create(order).await {
        Placed::Running { run, end } => (run, end),
        Placed::Joined(running) => return reply::json(StatusCode::ACCEPTED, &running),
        Placed::IdTaken => return reply::refused(StatusCode::CONFLICT, ID_TAKEN),
        Placed::NotReady => return reply::refused(StatusCode::SERVICE_UNAVAILABLE, NOT_READY),
        Placed::Busy => return reply::refused(StatusCode::CONFLICT, BUSY),
    };
    if is_async(headers) {
        return reply::json(StatusCode::ACCEPTED, &Accepted { id, status: Status::Starting });
    }
    let mut line = Line { desk: Some(&context.desk), run };
    let ended = end.await;
    line.desk = None;
    match ended {
        Ok(snapshot) => reply::json(StatusCode::OK, &*snapshot),
        Err(_) => reply::refused(StatusCode::SERVICE_UNAVAILABLE, "the server was shut down"),
    }
}

/// The line to the caller of a synchronous prediction. Hyper drops the handler when the client hangs up, and this
/// with it: then the prediction is nobody's any more.
struct Line<'a> {
    desk: Option<&'a Desk>,
    run: u64,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.desk {
            desk.hung_up(self.run);
        }
    }
}

fn invalid(detail: Vec<Detail>) -> Response {
    reply::json(StatusCode::UNPROCESSABLE_ENTITY, &ValidationBody { detail })
}

/// Whether any member of any `Accept` is exactly the media type of server-sent events.
fn wants_stream(headers: &HeaderMap) -> bool {
    let members = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    members
        .flat_map(|accept| accept.split(','))
        .any(|member| member.split(';').next().unwrap_or_default().trim() == "text/event-stream")
}

/// Whether the first `Prefer` is exactly `respond-async`.
fn is_async(headers: &HeaderMap) -> bool {
    headers.get("prefer").is_some_and(|prefer| prefer == "respond-async")
}
