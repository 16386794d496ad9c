//! Spans in the JSON form of OTLP, version 1 (`opentelemetry/proto/trace/v1`).

use std::borrow::Cow;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::context::{SpanId, TraceId};
use crate::document::VERSION;

/// A span that has ended.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
    pub(super) attributes: Vec<(&'static str, Value)>,
    /// Why it failed, if it did.
    pub(super) error: Option<String>,
    /// The `tracestate`.
    pub(super) state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Internal,
    Server,
    Client,
}

/// The body of an export.
pub(super) fn body(resource: &[(String, String)], spans: &[(TraceId, Span)]) -> Value {
    let attributes: Vec<Value> =
        resource.iter().map(|(key, value)| attribute(key, &Value::from(value.as_str()))).collect();
    let spans: Vec<Value> = spans.iter().map(|(trace, span)| self::span(*trace, span)).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes},
        "scopeSpans": [{"scope": {"name": "cog", "version": VERSION}, "spans": spans}],
    }]})
}

fn span(trace: TraceId, span: &Span) -> Value {
    let attributes: Vec<Value> = span.attributes.iter().map(|(key, value)| attribute(key, value)).collect();
    let mut json = json!({
        "traceId": trace.to_string(),
        "spanId": span.id.to_string(),
        "name": span.name,
        "kind": match span.kind { Kind::Internal => 1, Kind::Server => 2, Kind::Client => 3 },
        "startTimeUnixNano": nanoseconds(span.start),
        "endTimeUnixNano": nanoseconds(span.end),
        "attributes": attributes,
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = Value::from(parent.to_string());
    }
    if let Some(state) = &span.state {
        json["traceState"] = Value::from(state.as_str());
    }
    if let Some(error) = &span.error {
        json["status"] = json!({"code": 2, "message": error});
    }
    json
}

fn attribute(key: &str, value: &Value) -> Value {
    let value = match value {
        Value::Bool(value) => json!({"boolValue": value}),
        // 64-bit integers are text in this form.
        Value::Number(value) if value.is_i64() => json!({"intValue": value.to_string()}),
        Value::Number(value) => json!({"doubleValue": value}),
        Value::String(value) => json!({"stringValue": value}),
        other => json!({"stringValue": other.to_string()}),
    };
    json!({"key": key, "value": value})
}

/// 64-bit integers are text in this form.
fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}
