use serde_json::json;

use super::*;

type Tested = Result<(), serde_json::Error>;

fn with_pieces(delivery: Delivery, pieces: &[&str]) -> Result<Prediction, serde_json::Error> {
    let mut prediction = Prediction::new("p".into(), Map::new(), delivery);
    prediction.begun();
    for piece in pieces {
        prediction.produced(serde_json::value::to_raw_value(piece)?);
    }
    Ok(prediction)
}

fn ended(mut prediction: Prediction, outcome: Outcome) -> Result<Value, serde_json::Error> {
    prediction.ended(outcome, Duration::from_millis(250));
    serde_json::to_value(prediction.snapshot())
}

/// The events from there on, as names and data.
fn events(prediction: &Prediction, from: usize) -> Vec<(String, Value)> {
    let (text, _) = prediction.events_from(from);
    let text = String::from_utf8_lossy(&text).into_owned();
    let event = |block: &str| {
        let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        (line("event: ").to_owned(), serde_json::from_str(line("data: ")).unwrap_or_default())
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[test]
fn a_succeeded_prediction_has_its_output_and_no_error() -> Tested {
    let shown = ended(with_pieces(Delivery::Single, &["hi"])?, Outcome::Succeeded)?;
    let metrics = json!({"predict_time": 0.25});
    assert_eq!(
        shown,
        json!({"id": "p", "logs": "", "metrics": metrics, "output": "hi", "status": "succeeded"})
    );
    Ok(())
}

#[test]
fn no_output_is_null_for_one_value_and_an_empty_list_for_pieces() -> Tested {
    for (delivery, output) in [(Delivery::Single, json!(null)), (Delivery::Iterator, json!([]))] {
        let shown = ended(with_pieces(delivery, &[])?, Outcome::Succeeded)?;
        assert_eq!(shown.get("output"), Some(&output));
    }
    Ok(())
}

#[test]
fn a_failed_prediction_keeps_its_logs_and_the_pieces_so_far() -> Tested {
    let mut prediction = with_pieces(Delivery::Iterator, &["a", "b"])?;
    prediction.printed(LogSource::Stdout, "about to fail\n");
    let shown = ended(prediction, Outcome::Failed("bad value".into()))?;
    assert_eq!(shown["output"], json!(["a", "b"]));
    assert_eq!(shown["logs"], json!("about to fail\n"));
    assert_eq!(shown["error"], json!("bad value"));
    Ok(())
}

#[test]
fn a_single_value_is_a_list_only_while_its_prediction_runs() -> Tested {
    let prediction = with_pieces(Delivery::Single, &["late"])?;
    assert_eq!(serde_json::to_value(prediction.snapshot())?["output"], json!(["late"]));
    let shown = ended(prediction, Outcome::Failed("it took too long".into()))?;
    assert_eq!(shown["output"], json!("late"));
    Ok(())
}

#[test]
fn a_canceled_prediction_without_pieces_has_no_output_at_all() -> Tested {
    let shown = ended(with_pieces(Delivery::Single, &[])?, Outcome::Canceled)?;
    assert_eq!(shown.get("output"), None);
    assert_eq!(shown.get("error"), None);
    assert_eq!(shown["status"], json!("canceled"));
    Ok(())
}

#[test]
fn a_joined_prediction_shows_its_input_and_no_time_yet() -> Tested {
    let prediction = with_pieces(Delivery::Iterator, &["a"])?;
    let shown = serde_json::to_value(prediction.snapshot_with_input())?;
    let expected = json!({"id": "p", "input": {}, "logs": "", "metrics": {}, "output": ["a"],
        "status": "processing"});
    assert_eq!(shown, expected);
    Ok(())
}

#[test]
fn events_tell_the_whole_story_in_order() -> Tested {
    let mut prediction = with_pieces(Delivery::Iterator, &["a"])?;
    prediction.printed(LogSource::Stderr, "é\n");
    let measured = prediction.measured("n".into(), json!(1), MetricMode::Increment);
    assert_eq!(measured, Ok(()));
    prediction.ended(Outcome::Succeeded, Duration::from_millis(250));
    let all = events(&prediction, 0);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "output", "log", "metric", "completed"]);
    assert_eq!(all[0].1, json!({"id": "p", "status": "processing"}));
    assert_eq!(all[1].1, json!({"chunk": "a", "index": 0}));
    assert_eq!(all[2].1, json!({"data": "é\n", "source": "stderr"}));
    assert_eq!(all[3].1, json!({"mode": "increment", "name": "n", "value": 1}));
    assert_eq!(all[4].1, serde_json::to_value(prediction.snapshot())?);
    assert_eq!(events(&prediction, 3)[..], all[3..]);
    Ok(())
}

#[test]
fn an_event_is_one_line_of_data_whatever_is_in_it() -> Tested {
    let mut prediction = with_pieces(Delivery::Iterator, &["one\ntwo\r\n"])?;
    prediction.produced(RawValue::from_string("{\"a\":\r\n 1}".into())?);
    prediction.printed(LogSource::Stdout, "a\n\ndata: b\n\n");
    let all = events(&prediction, 0);
    assert_eq!(all[1].1["chunk"], json!("one\ntwo\r\n"));
    assert_eq!(all[2].1["chunk"], json!({"a": 1}));
    assert_eq!(all[3].1["data"], json!("a\n\ndata: b\n\n"));
    assert_eq!(all.len(), 4);
    Ok(())
}

#[test]
fn a_batch_ends_soon_and_the_next_goes_on_after_it() -> Tested {
    let long = "x".repeat(20_000);
    let mut prediction = with_pieces(Delivery::Iterator, &[&*long; 10])?;
    prediction.ended(Outcome::Succeeded, Duration::ZERO);
    let (mut from, mut seen) = (0, 0);
    loop {
        let (text, next) = prediction.events_from(from);
        if text.is_empty() {
            break;
        }
        // The last word carries all of the output.
        assert!(text.len() < 300_000);
        seen += next - from;
        from = next;
    }
    assert_eq!(seen, 12);
    Ok(())
}
