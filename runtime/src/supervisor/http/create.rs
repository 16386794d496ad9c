//! Creating, joining and cancelling predictions.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use cog_schema::Delivery;
use cog_schema::envelope::{Accepted, Detail, Status, ValidationBody};
use serde_json::json;

use super::body::{self, Received};
use super::{Context, preferences, reply, stream};
use crate::command::Mode;
use crate::supervisor::clock;
use crate::supervisor::dispatcher::{Caller, Desk, End, Joined, Order, Placed};
use crate::supervisor::webhook::Wanted;

pub(super) const NOT_READY: &str =
    "Setup has not finished yet. Wait until it has finished, or GET /health-check for status.";
const BUSY: &str = "At capacity - all prediction slots busy";
const NO_STREAM: &str = "This model's output is one value, not a stream: there are no events to read.";
pub(super) const NO_TRAINING_STREAM: &str = "Training endpoints do not support streaming responses.";
const ID_TAKEN: &str = "A prediction with this id is in flight. PUT joins it; POST needs an id of its own.";

/// How many bytes an id may have: it is in every line that the model prints.
const LONGEST_ID: usize = 1024;

/// `POST /predictions`
pub(super) async fn post(State(context): State<Context>, request: Request) -> Response {
    // Taken apart by hand: an extractor would copy the headers.
    let (head, body) = request.into_parts();
    match body::receive(&context, &head.headers, body).await {
        Ok(mut received) => {
            let id = received.request.id.take().unwrap_or_else(clock::fresh_id);
            create(&context, &head.headers, received, id, false).await
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
    let received = match body::receive(&context, &headers, body).await {
        Ok(received) => received,
        Err(refusal) => return refusal,
    };
    let streams = preferences::wants_stream(&headers);
    let kind = match context.settings.mode {
        Mode::Train if streams => return reply::error(StatusCode::NOT_ACCEPTABLE, NO_TRAINING_STREAM),
        Mode::Train => "training",
        Mode::Predict => "prediction",
    };
    if received.request.id.as_ref().is_some_and(|given| *given != id) {
        return invalid(vec![Detail::mismatched_id(kind)]);
    }
    if !streams {
        if let Some(running) = context.desk.find(id.clone(), false).await {
            return reply::json_text(StatusCode::ACCEPTED, running);
        }
    } else if is_streamed(&context) {
        // A client that lost the line goes on where it was, even if all is over by now.
        let after = preferences::last_event(&headers);
        match context.desk.join(id.clone(), after, after.is_some()).await {
            Joined::Unknown => {}
            joined => return stream::joined(joined),
        }
    }
    create(&context, &headers, received, id, true).await
}

/// `GET /predictions/{id}`: how it stands, or its events, as for any reader.
pub(super) async fn get(
    State(context): State<Context>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if preferences::wants_stream(&headers) {
        return stream::joined(context.desk.join(id, preferences::last_event(&headers), true).await);
    }
    match context.desk.find(id, true).await {
        Some(found) => reply::json_text(StatusCode::OK, found),
        None => reply::unknown(),
    }
}

/// `POST /predictions/{id}/cancel`
pub(super) async fn cancel(State(context): State<Context>, Path(id): Path<String>) -> Response {
    let found = context.desk.cancel(id).await;
    reply::json(if found { StatusCode::OK } else { StatusCode::NOT_FOUND }, &json!({}))
}

async fn create(
    context: &Context,
    headers: &HeaderMap,
    received: Received,
    id: String,
    join: bool,
) -> Response {
    let Received { request, attached } = received;
    if id.len() > LONGEST_ID {
        return invalid(vec![Detail::long_id(LONGEST_ID)]);
    }
    let caller = preferences::caller(headers);
    if caller == Caller::Streams && !is_streamed(context) {
        let reason = match context.settings.mode {
            Mode::Predict => NO_STREAM,
            Mode::Train => NO_TRAINING_STREAM,
        };
        return reply::error(StatusCode::NOT_ACCEPTABLE, reason);
    }
    let Some(model) = context.desk.model() else {
        return reply::refused(StatusCode::SERVICE_UNAVAILABLE, NOT_READY);
    };
    let checked = match model.signature.check_input(request.input) {
        Ok(checked) => checked,
        Err(details) => return invalid(details),
    };
    let cancel_after = match preferences::cancel_after(headers) {
        Ok(limit) => limit,
        Err(fault) => return reply::error(StatusCode::BAD_REQUEST, &fault),
    };
    let webhook = request.webhook.map(|url| Wanted { url, events: request.webhook_events_filter });
    let order = Order {
        id: id.clone(),
        checked,
        attached,
        context: request.context,
        caller,
        join,
        patience: preferences::patience(headers),
        cancel_after,
        webhook,
        trace: preferences::trace(headers),
    };
    let (run, end, kept) = match context.desk.create(order).await {
        Placed::Running { run, end, kept } => (run, end, kept),
        Placed::Read(subscription) => return stream::events(subscription),
        Placed::Joined(running) => return reply::json_text(StatusCode::ACCEPTED, running),
        Placed::IdTaken => return reply::refused(StatusCode::CONFLICT, ID_TAKEN),
        Placed::NotReady => return reply::refused(StatusCode::SERVICE_UNAVAILABLE, NOT_READY),
        Placed::Busy => return busy(),
        Placed::Crowded => return stream::joined(Joined::Crowded),
    };
    if caller == Caller::Leaves {
        if let Some(kept) = kept {
            // From here on the webhook outlives this server.
            let _not_kept = kept.await;
        }
        return reply::json(StatusCode::ACCEPTED, &Accepted { id, status: Status::Starting });
    }
    let mut line = Line { desk: Some(&context.desk), run };
    let ended = end.await;
    line.desk = None;
    match ended {
        Ok(End::Ended(prediction)) => reply::json(StatusCode::OK, &prediction.snapshot()),
        Ok(End::NoSlot) => busy(),
        Err(_) => reply::refused(StatusCode::SERVICE_UNAVAILABLE, "the server was shut down"),
    }
}

fn busy() -> Response {
    reply::later(StatusCode::CONFLICT, BUSY)
}

/// Whether the model's output comes in pieces, as far as is known yet.
fn is_streamed(context: &Context) -> bool {
    context.settings.mode == Mode::Predict
        && context.desk.model().is_some_and(|model| model.signature.output.delivery != Delivery::Single)
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
