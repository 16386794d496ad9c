//! Where the time of a prediction went, as a collector of traces is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cog_tests::{Receiver, Reply, Server, free_port};
use rustix::process::Signal;
use serde_json::{Value, json};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn collector() -> (Receiver, [(String, String); 3]) {
    let collector = Receiver::answering(|_| 200);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url("")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ];
    (collector, environment.map(|(name, value)| (name.to_owned(), value)))
}

fn server(environment: &[(String, String)], more: &[(&str, &str)]) -> Server {
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(more.iter().copied())
        .collect();
    Server::with("traced", &environment)
}

fn predict(server: &Server, input: Value, headers: &[(&str, &str)]) -> Reply {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let body = json!({ "input": input, "id": "traced" }).to_string();
    server.connect().request("POST", "/predictions", &headers, body.as_bytes()).expect("an answer")
}

/// The spans that have come, by name.
fn spans(collector: &Receiver) -> BTreeMap<String, Value> {
    let exports = collector.received();
    let spans = exports.iter().flat_map(|export| {
        let json = export.json();
        json["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned().unwrap_or_default()
    });
    spans.map(|span| (span["name"].as_str().unwrap_or_default().to_owned(), span)).collect()
}

fn wait_for(collector: &Receiver, name: &str) -> BTreeMap<String, Value> {
    collector.wait_until(name, |_| spans(collector).contains_key(name));
    spans(collector)
}

fn nanoseconds(span: &Value, key: &str) -> u64 {
    span[key].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {key}: {span}"))
}

#[test]
fn a_prediction_is_a_span_below_its_callers_with_its_stages_below_it() {
    let (collector, environment) = collector();
    let server = server(&environment, &[("OTEL_SERVICE_NAME", "upscaler")]);
    let state = ("tracestate", "vendor=1");
    let reply = predict(&server, json!({"file": "data:,x"}), &[("traceparent", PARENT), state]).json();
    let spans = wait_for(&collector, "prediction");
    assert_eq!(
        spans.keys().map(String::as_str).collect::<Vec<_>>(),
        ["decode", "fetch", "predict", "prediction", "queue", "worker"]
    );
    let root = &spans["prediction"];
    assert_eq!(root["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(root["traceState"], "vendor=1");
    assert_eq!(root["kind"], 2);
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    assert_eq!(
        root["attributes"],
        json!([attribute("cog.prediction.id", "traced"), attribute("cog.prediction.status", "succeeded")])
    );
    for (below, above) in [
        ("queue", root),
        ("fetch", root),
        ("worker", root),
        ("predict", &spans["worker"]),
        ("decode", &spans["worker"]),
    ] {
        let span = &spans[below];
        assert_eq!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(span["parentSpanId"], above["spanId"], "{below}");
        assert!(nanoseconds(span, "startTimeUnixNano") >= nanoseconds(above, "startTimeUnixNano"), "{below}");
        assert!(nanoseconds(span, "endTimeUnixNano") <= nanoseconds(above, "endTimeUnixNano"), "{below}");
    }
    let took = |name: &str| {
        nanoseconds(&spans[name], "endTimeUnixNano") - nanoseconds(&spans[name], "startTimeUnixNano")
    };
    assert!(took("decode") >= 50_000_000 && took("predict") >= took("decode"));
    // The model is told where it is, for requests of its own.
    let place = format!(
        "00-0af7651916cd43dd8448eb211c80319c-{}-01",
        spans["worker"]["spanId"].as_str().unwrap_or("")
    );
    assert_eq!(reply["output"], place.as_str());

    let export = &collector.received()[0];
    assert_eq!(export.path, "/v1/traces");
    assert_eq!(export.header("content-type"), Some("application/json"));
    assert_eq!(export.header("x-key"), Some("a b"));
    let resource = &export.json()["resourceSpans"][0]["resource"]["attributes"];
    assert_eq!(*resource, json!([attribute("service.name", "upscaler")]));
}

#[test]
fn a_failure_is_seen_and_the_last_spans_are_sent_on_the_way_out() {
    let (collector, environment) = collector();
    let server = server(&environment, &[("OTEL_BSP_SCHEDULE_DELAY", "600000")]);
    assert_eq!(predict(&server, json!({"fail": true}), &[]).json()["status"], "failed");
    assert!(collector.received().is_empty());
    Server::signal(server.id(), Signal::TERM);
    let spans = wait_for(&collector, "prediction");
    assert_eq!(spans["prediction"]["status"], json!({"code": 2, "message": "it had to"}));
    assert_eq!(spans["prediction"]["parentSpanId"], Value::Null);
}

#[test]
fn who_does_not_want_a_trace_has_none() {
    let (collector, environment) = collector();
    let server = server(&environment, &[]);
    let unsampled = PARENT.replace("-01", "-00");
    assert_eq!(predict(&server, json!({}), &[("traceparent", &unsampled)]).json()["output"], Value::Null);
    // The one after it is sent.
    predict(&server, json!({}), &[]);
    let spans = wait_for(&collector, "prediction");
    assert_ne!(spans["prediction"]["traceId"], "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn a_collector_that_is_down_harms_nothing_else() {
    let down = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_BSP_SCHEDULE_DELAY", "1")];
    let server = Server::with("traced", &down);
    for _ in 0..20 {
        assert_eq!(predict(&server, json!({}), &[]).json()["status"], "succeeded");
    }
}

#[test]
fn a_webhook_is_a_span_below_its_prediction_with_its_tries() {
    let (collector, environment) = collector();
    let busy = AtomicBool::new(true);
    let receiver = Receiver::answering(move |_| if busy.swap(false, Ordering::SeqCst) { 503 } else { 200 });
    let server = server(&environment, &[]);
    let body = json!({ "input": {}, "webhook": receiver.url("/"), "webhook_events_filter": ["completed"] });
    let headers = [("content-type", "application/json"), ("traceparent", PARENT)];
    let reply = server.connect().request("POST", "/predictions", &headers, body.to_string().as_bytes());
    assert_eq!(reply.expect("an answer").status, 200);
    let told = receiver.wait_until("it came twice", |received| received.len() == 2);
    let span = &wait_for(&collector, "webhook")["webhook"];
    assert_eq!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span["kind"], 3);
    assert_eq!(span["status"], Value::Null);
    let attributes = span["attributes"].to_string();
    assert!(attributes.contains(r#"{"key":"cog.webhook.tries","value":{"intValue":"2"}}"#), "{attributes}");
    // Its receiver goes on from there.
    let place = format!("00-0af7651916cd43dd8448eb211c80319c-{}-01", span["spanId"].as_str().unwrap_or(""));
    assert!(told.iter().all(|request| request.header("traceparent") == Some(&place)), "{place}: {told:?}");
    let above = span["parentSpanId"].as_str().unwrap_or("").to_owned();
    let below = wait_for(&collector, "prediction");
    assert!(below.values().any(|span| span["spanId"] == above.as_str()), "no span {above}: {below:?}");
}

#[test]
fn what_is_logged_of_a_prediction_names_it_and_its_trace() {
    let server = Server::of("echo");
    let nobody = format!("http://127.0.0.1:{}/", free_port());
    let body =
        |id: &str| json!({ "id": id, "input": { "text": "x", "unknown": 1 }, "webhook": nobody }).to_string();
    for (id, headers) in [("plain", &[][..]), ("traced", &[("traceparent", PARENT)])] {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let reply = server.connect().request("POST", "/predictions", &headers, body(id).as_bytes());
        assert_eq!(reply.expect("an answer").status, 200);
    }
    server.wait_until("a webhook was tried", || !server.get("/metrics").text().contains("retries_total 0\n"));
    Server::signal(server.id(), Signal::KILL);
    let log = server.finish_within(Duration::from_secs(30)).messages();
    let about = |id: &str| -> Vec<Value> {
        let entries = log.lines().filter_map(|line| serde_json::from_str(line).ok());
        entries
            .map(|entry: Value| entry["fields"].clone())
            .filter(|fields| fields["prediction_id"] == id)
            .collect()
    };
    for said in ["echoing 1 chars", "ignored inputs that are unknown: `unknown`", "webhook msg_"] {
        let says = |id: &str, trace: &Value| {
            about(id).iter().any(|fields| {
                fields["message"].as_str().is_some_and(|text| text.starts_with(said))
                    && fields["trace_id"] == *trace
            })
        };
        assert!(says("traced", &json!("0af7651916cd43dd8448eb211c80319c")), "{said}: {log}");
        assert!(says("plain", &Value::Null), "{said}: {log}");
    }
}
