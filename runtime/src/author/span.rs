//! A part of a prediction, in its trace.

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use crate::Prediction;

/// A part of a prediction that is under way; it ends when it is dropped. From [`Prediction::span`].
#[must_use = "the part ends when this is dropped: bind it to a name like `_decoding`"]
pub struct Span {
    /// `None` where nobody follows the trace.
    under_way: Option<UnderWay>,
}

struct UnderWay {
    prediction: Prediction,
    name: Cow<'static, str>,
    start: SystemTime,
    at: Instant,
}

impl Prediction {
    /// A part of the prediction begins, under that name in its trace, and ends when what this gives is dropped.
    ///
    /// ```
    /// # use cog::prelude::*;
    /// #[cog::predict]
    /// fn count(text: String, ctx: &Prediction) -> usize {
    ///     let words: Vec<&str> = {
    ///         let _splitting = ctx.span("split");
    ///         text.split_whitespace().collect()
    ///     };
    ///     words.len()
    /// }
    /// ```
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> Span {
        let under_way = self.traceparent().map(|_| UnderWay {
            prediction: self.clone(),
            name: name.into(),
            start: SystemTime::now(),
            at: Instant::now(),
        });
        Span { under_way }
    }

    /// The `traceparent` (W3C Trace Context) for requests that the prediction makes; `None` where nobody follows its
    /// trace.
    pub fn traceparent(&self) -> Option<&str> {
        self.inner.traceparent()
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(UnderWay { prediction, name, start, at }) = self.under_way.take() {
            prediction.inner.span(&name, start, at.elapsed());
        }
    }
}
