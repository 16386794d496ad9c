//! The envelope's JSON, out and in.

use std::collections::{BTreeMap, BTreeSet};

use cog_schema::envelope::{
    Accepted, Detail, Discovery, ErrorBody, Health, HealthStatus, PredictionRequest, PredictionResponse,
    QueueReport, SetupPhase, SetupReport, SetupStatus, Status, Versions, WebhookEvent,
};
use serde_json::{Value, json};

type Outcome = Result<(), serde_json::Error>;

fn request(text: &str) -> serde_json::Result<PredictionRequest> {
    serde_json::from_str(text)
}

#[test]
fn what_is_absent_from_a_request_has_its_default() -> Outcome {
    assert_eq!(request("{}")?, PredictionRequest::default());
    assert_eq!(request("{}")?.input, json!({}));
    assert_eq!(request("{}")?.webhook_events_filter.len(), 4);
    Ok(())
}

#[test]
fn unknown_fields_of_a_request_are_ignored() -> Outcome {
    assert_eq!(
        request(r#"{"stream": true, "version": "x", "created_at": 1}"#)?,
        PredictionRequest::default()
    );
    Ok(())
}

#[test]
fn null_is_nothing_for_id_webhook_and_input() -> Outcome {
    let request = request(r#"{"id": null, "webhook": null, "input": null}"#)?;
    assert_eq!((request.id, request.webhook, request.input), (None, None, Value::Null));
    Ok(())
}

#[test]
fn a_request_of_the_wrong_shape_is_refused() {
    let refused = [
        (r#"{"context": null}"#, "invalid type: null, expected a map at line 1 column 16"),
        (
            r#"{"webhook_events_filter": "completed"}"#,
            "invalid type: string \"completed\", expected a sequence at line 1 column 37",
        ),
        (
            r#"{"webhook_events_filter": ["start", "bogus"]}"#,
            "unknown variant `bogus`, expected one of `start`, `output`, `logs`, `completed` at line 1 column 43",
        ),
        (r#"{"webhook_events_filter": null}"#, "invalid type: null, expected a sequence at line 1 column 30"),
        (r#"{"id": 7}"#, "invalid type: integer `7`, expected a string at line 1 column 8"),
        (r#"{"input":{"text":"a"},"input":{"text":"b"}}"#, "duplicate field `input` at line 1 column 29"),
        (r#""x""#, "invalid type: string \"x\", expected struct PredictionRequest at line 1 column 3"),
        ("[1,2]", "invalid type: integer `1`, expected a string at line 1 column 2"),
    ];
    for (text, reason) in refused {
        assert_eq!(request(text).err().map(|error| error.to_string()).as_deref(), Some(reason), "{text}");
    }
}

#[test]
fn a_request_may_be_an_array_in_the_order_of_the_fields() -> Outcome {
    let request = request(r#"["pos-id",{"text":"positional"},{},null,["completed"]]"#)?;
    assert_eq!(request.id.as_deref(), Some("pos-id"));
    assert_eq!(request.webhook_events_filter, BTreeSet::from([WebhookEvent::Completed]));
    Ok(())
}

#[test]
fn a_request_is_written_with_no_more_than_it_says() -> Outcome {
    let mut request = PredictionRequest::new(serde_json::Map::from_iter([("n".to_owned(), json!(1))]));
    assert_eq!(serde_json::to_value(&request)?, json!({"input": {"n": 1}, "context": {}}));
    request.context = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    request.webhook_events_filter = BTreeSet::new();
    assert_eq!(serde_json::to_value(&request)?["webhook_events_filter"], json!([]));
    Ok(())
}

#[test]
fn a_response_has_the_keys_of_its_state_in_sorted_order() -> Outcome {
    let mut response = PredictionResponse::new("a", Status::Canceled);
    assert_eq!(serde_json::to_string(&response)?, r#"{"id":"a","logs":"","metrics":{},"status":"canceled"}"#);
    response.status = Status::Succeeded;
    response.output = Some(Value::Null);
    response.metrics.insert("predict_time".to_owned(), json!(0.5));
    assert_eq!(
        serde_json::to_string(&response)?,
        r#"{"id":"a","logs":"","metrics":{"predict_time":0.5},"output":null,"status":"succeeded"}"#
    );
    let failed =
        PredictionResponse { error: Some("why".to_owned()), ..PredictionResponse::new("b", Status::Failed) };
    assert_eq!(
        serde_json::to_string(&failed)?,
        r#"{"error":"why","id":"b","logs":"","metrics":{},"status":"failed"}"#
    );
    Ok(())
}

#[test]
fn an_output_of_null_is_not_an_absent_one() -> Outcome {
    let read = |text| serde_json::from_str::<PredictionResponse>(text);
    assert_eq!(read(r#"{"id":"a","status":"succeeded","output":null}"#)?.output, Some(Value::Null));
    assert_eq!(read(r#"{"id":"a","status":"canceled"}"#)?.output, None);
    Ok(())
}

#[test]
fn statuses_are_the_wires_words() -> Outcome {
    for status in [Status::Starting, Status::Processing, Status::Succeeded, Status::Failed, Status::Canceled]
    {
        assert_eq!(serde_json::to_value(status)?, json!(status.to_string()));
    }
    assert!(Status::Canceled.is_terminal() && !Status::Processing.is_terminal());
    let accepted = Accepted { id: "a".to_owned(), status: Status::Starting };
    assert_eq!(serde_json::to_string(&accepted)?, r#"{"id":"a","status":"starting"}"#);
    let refused = ErrorBody { error: "full".to_owned(), status: Some(Status::Failed) };
    assert_eq!(serde_json::to_string(&refused)?, r#"{"error":"full","status":"failed"}"#);
    Ok(())
}

#[test]
fn a_health_document_keeps_its_order() -> Outcome {
    let health = Health {
        status: HealthStatus::SetupFailed,
        setup: Some(SetupReport {
            started_at: "2026-11-23T13:17:57.134285579+00:00".to_owned(),
            completed_at: None,
            status: SetupStatus::Starting,
            logs: String::new(),
            phases: vec![SetupPhase {
                name: "weights".to_owned(),
                started_at: "2026-11-23T13:17:57.2+00:00".to_owned(),
                seconds: Some(1.5),
            }],
        }),
        version: Versions { coglet: Some("0.1.0".to_owned()), ..Versions::default() },
        user_healthcheck_error: Some("ill".to_owned()),
        queue: Some(QueueReport { depth: 1, limit: 8 }),
    };
    let text = serde_json::to_string(&health)?;
    assert_eq!(
        text,
        concat!(
            r#"{"status":"SETUP_FAILED","setup":{"started_at":"2026-11-23T13:17:57.134285579+00:00","#,
            r#""status":"starting","phases":[{"name":"weights","started_at":"2026-11-23T13:17:57.2+00:00","#,
            r#""seconds":1.5}]},"version":{"coglet":"0.1.0"},"user_healthcheck_error":"ill","#,
            r#""queue":{"depth":1,"limit":8}}"#
        )
    );
    assert_eq!(serde_json::from_str::<Health>(&text)?, health);
    Ok(())
}

#[test]
fn every_health_status_is_the_wires_word() -> Outcome {
    use HealthStatus::{Busy, Defunct, Ready, SetupFailed, Starting, Unhealthy, Unknown};
    for status in [Starting, Ready, Busy, SetupFailed, Unhealthy, Defunct, Unknown] {
        assert_eq!(serde_json::to_value(status)?, json!(status.to_string()));
    }
    assert_eq!(serde_json::from_str::<HealthStatus>(r#""ANYTHING""#)?, Unknown);
    Ok(())
}

#[test]
fn the_discovery_document_says_where_everything_is() {
    insta::assert_json_snapshot!(Discovery::new("0.1.0", false));
}

#[test]
fn the_discovery_document_says_where_trainings_are_if_there_are_any() {
    insta::assert_json_snapshot!(Discovery::new("0.1.0", true));
}

#[test]
fn a_mismatched_id_is_worded_as_recorded() -> Outcome {
    assert_eq!(
        serde_json::to_string(&Detail::mismatched_id("prediction"))?,
        concat!(
            r#"{"loc":["body","id"],"msg":"prediction ID must match the ID supplied in the URL","#,
            r#""type":"value_error"}"#
        )
    );
    Ok(())
}
