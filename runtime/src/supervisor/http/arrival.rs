//! A request's body on its way: its client may take their time, but not for ever.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::crowd::Place;

/// How long a body may be on its way, besides what its size explains.
const GRACE: Duration = Duration::from_secs(30);
/// The least that has to come on the average, in bytes per second, once the grace is used up.
const SLOWEST: u64 = 16 << 10;

/// A body from the network.
pub(super) struct Arrival {
    body: Incoming,
    place: Arc<Place>,
    /// How many bytes have come.
    came: u64,
    /// When it had to be waited for first, and the time that is left; nothing for a body that was there at once.
    waited: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// The client takes too long to send a body.
#[derive(Debug)]
pub(super) struct TooSlow;

impl Arrival {
    pub(super) fn new(body: Incoming, place: Arc<Place>) -> Self {
        Self { body, place, came: 0, waited: None }
    }

    /// Whether its time is over.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let explained = GRACE + Duration::from_secs(self.came / SLOWEST);
        let (since, sleep) = self.waited.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(tokio::time::sleep_until(now + explained)))
        });
        let deadline = *since + explained;
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(context)
    }
}

impl Body for Arrival {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                this.place.goes_on();
                if let Some(Ok(frame)) = &frame {
                    this.came += frame.data_ref().map_or(0, |data| data.len() as u64);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)))
            }
            Poll::Pending => {
                this.place.waits();
                this.poll_overdue(context).map(|()| Some(Err(TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.place.goes_on();
    }
}

impl fmt::Display for TooSlow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the request body came too slowly")
    }
}

impl std::error::Error for TooSlow {}
