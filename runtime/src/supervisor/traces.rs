//! Traces: where the time of a prediction went, told to whoever collects traces.
//!
//! A prediction is a span, below the one that its request names; waiting in the queue, fetching inputs, the worker and
//! delivering files are spans below it, so are its webhooks, and what the worker tells of is below its. They are
//! exported by OTLP, on a thread that serves nobody else; without an endpoint in the environment nothing of this
//! happens.

mod context;
mod export;
mod otlp;
mod settings;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::protocol::SpanTimes;
use crate::settings::Settings;
use crate::supervisor::net::Client;
use context::{Parent, SpanId, TraceId};
use export::Exporter;
use otlp::{Kind, Span};
pub(crate) use settings::TraceSettings;

/// Begins traces, where there is somebody to be told of them.
#[derive(Clone, Default)]
pub(super) struct Tracer(Option<Arc<Inside>>);

struct Inside {
    settings: TraceSettings,
    exporter: Exporter,
}

/// The trace of one prediction.
pub(super) struct Trace {
    tracer: Arc<Inside>,
    trace: TraceId,
    parent: Option<SpanId>,
    state: Option<String>,
    root: Open,
    id: String,
    /// What it is busy with.
    stage: Option<Open>,
    /// The file of its output that is on its way.
    delivery: Option<Open>,
}

/// A message to somebody else that is on its way.
pub(super) struct Errand {
    tracer: Arc<Inside>,
    parent: Parent,
    state: Option<String>,
    open: Open,
}

/// A span that has not ended.
struct Open {
    id: SpanId,
    name: &'static str,
    start: SystemTime,
    /// The same by the clock that does not jump.
    at: Instant,
}

impl Tracer {
    pub(super) fn start(settings: &Settings) -> Self {
        let inside = settings.traces.as_ref().and_then(|traces| {
            let exporter = Exporter::start(traces.clone(), Client::new(settings).trusting())?;
            Some(Arc::new(Inside { settings: traces.clone(), exporter }))
        });
        Self(inside)
    }

    /// The trace of a prediction whose request has these headers; `None` if nobody wants it.
    pub(super) fn begin(&self, headers: &[(String, String)], id: &str) -> Option<Trace> {
        let tracer = self.0.as_ref()?;
        let parent = parent(headers);
        let trace = parent.as_ref().map_or_else(TraceId::fresh, |parent| parent.trace);
        if !tracer.settings.sampler.takes(trace, parent.as_ref().map(|parent| parent.sampled)) {
            return None;
        }
        Some(Trace {
            tracer: Arc::clone(tracer),
            trace,
            state: header(headers, "tracestate").filter(|_| parent.is_some()).map(str::to_owned),
            parent: parent.map(|parent| parent.span),
            root: Open::now("prediction"),
            id: id.to_owned(),
            stage: None,
            delivery: None,
        })
    }

    /// A message whose sender belongs where these headers say; `None` if nobody wants that trace.
    pub(super) fn errand(&self, name: &'static str, headers: &[(String, String)]) -> Option<Errand> {
        let tracer = self.0.as_ref()?;
        let parent = parent(headers)?;
        tracer.settings.sampler.takes(parent.trace, Some(parent.sampled)).then(|| Errand {
            tracer: Arc::clone(tracer),
            parent,
            state: header(headers, "tracestate").map(str::to_owned),
            open: Open::now(name),
        })
    }

    /// Exports what has ended, for as long as that.
    pub(super) async fn flush(&self, limit: Duration) {
        if let Some(tracer) = &self.0 {
            tracer.exporter.flush(limit).await;
        }
    }
}

impl Trace {
    /// It turns to something else.
    pub(super) fn stage(&mut self, name: &'static str) {
        self.end_stage();
        self.stage = Some(Open::now(name));
    }

    /// A file of its output is on its way.
    pub(super) fn delivers(&mut self) {
        self.delivery = Some(Open::now("deliver"));
    }

    /// It no longer is.
    pub(super) fn delivered(&mut self) {
        if let Some(delivery) = self.delivery.take() {
            self.export(delivery.ended(Some(self.root.id), Vec::new(), None));
        }
    }

    /// What the worker took its time for.
    pub(super) fn worker_took(&mut self, name: String, times: SpanTimes) {
        let parent = self.stage.as_ref().map_or(self.root.id, |stage| stage.id);
        let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(times.start);
        let end = start + Duration::from_nanos(times.took);
        let (kind, attributes, error) = (Kind::Internal, Vec::new(), None);
        let id = SpanId::fresh();
        self.export(Span {
            id,
            parent: Some(parent),
            name: name.into(),
            kind,
            start,
            end,
            attributes,
            error,
            state: None,
        });
    }

    /// The headers by which others go on with this trace, below what it is busy with.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        headers(&self.place(), self.state.as_deref())
    }

    pub(super) fn traceparent(&self) -> String {
        self.place().to_string()
    }

    fn place(&self) -> Parent {
        let span = self.stage.as_ref().map_or(self.root.id, |stage| stage.id);
        Parent { trace: self.trace, span, sampled: true }
    }

    /// The prediction is over.
    pub(super) fn end(mut self, status: &str, error: Option<&str>) {
        self.delivered();
        self.end_stage();
        let attributes = vec![
            ("cog.prediction.id", Value::from(self.id.as_str())),
            ("cog.prediction.status", json!(status)),
        ];
        let span = self.root.ended(self.parent, attributes, error.map(str::to_owned));
        let state = self.state.take();
        self.export(Span { kind: Kind::Server, state, ..span });
    }

    fn end_stage(&mut self) {
        if let Some(stage) = self.stage.take() {
            self.export(stage.ended(Some(self.root.id), Vec::new(), None));
        }
    }

    fn export(&self, span: Span) {
        self.tracer.exporter.take(self.trace, span);
    }
}

impl Errand {
    /// The headers by which whoever gets the message goes on with the trace.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let place = Parent { trace: self.parent.trace, span: self.open.id, sampled: true };
        headers(&place, self.state.as_deref())
    }

    /// It has arrived, or not.
    pub(super) fn end(self, attributes: Vec<(&'static str, Value)>, error: Option<String>) {
        let span = self.open.ended(Some(self.parent.span), attributes, error);
        self.tracer.exporter.take(self.parent.trace, Span { kind: Kind::Client, ..span });
    }
}

/// The id of the trace that these headers name.
pub(super) fn trace_id(headers: &[(String, String)]) -> Option<String> {
    parent(headers).map(|parent| parent.trace.to_string())
}

fn parent(headers: &[(String, String)]) -> Option<Parent> {
    header(headers, "traceparent").and_then(Parent::read)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

fn headers(place: &Parent, state: Option<&str>) -> Vec<(String, String)> {
    let parent = ("traceparent".to_owned(), place.to_string());
    let state = state.map(|state| ("tracestate".to_owned(), state.to_owned()));
    [Some(parent), state].into_iter().flatten().collect()
}

impl Open {
    fn now(name: &'static str) -> Self {
        Self { id: SpanId::fresh(), name, start: SystemTime::now(), at: Instant::now() }
    }

    fn ended(
        &self,
        parent: Option<SpanId>,
        attributes: Vec<(&'static str, Value)>,
        error: Option<String>,
    ) -> Span {
        Span {
            id: self.id,
            parent,
            name: self.name.into(),
            kind: Kind::Internal,
            start: self.start,
            end: self.start + self.at.elapsed(),
            attributes,
            error,
            state: None,
        }
    }
}
