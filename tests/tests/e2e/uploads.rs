//! Files of an output on their way to a place of the operator's.

use cog_tests::{Receiver, Server};
use serde_json::json;

#[test]
fn uploaded_files_are_listed_in_the_models_order() {
    // The first takes longest.
    let receiver = Receiver::answering(|request| {
        let number = request.path.trim_start_matches("/up/f").trim_end_matches(".png").parse().unwrap_or(0);
        std::thread::sleep(std::time::Duration::from_millis(400 - 100 * number));
        201
    });
    let server = Server::with("pathlist", &[("COG_UPLOAD_URL", &receiver.url("/up"))]);
    let reply = server.predict(&json!({ "n": 4 })).json();
    let expected: Vec<String> = (0..4).map(|number| receiver.url(&format!("/up/f{number}.png"))).collect();
    assert_eq!(reply["output"], json!(expected), "{reply}");
    let received = receiver.received();
    assert!(received.iter().all(|request| request.method == "PUT"));
    assert!(received.iter().all(|request| request.header("content-type") == Some("image/png")));
    let first = received.iter().find(|request| request.path == "/up/f0.png").expect("the first file");
    assert_eq!(first.body, b"\x89PNG\0");
}

#[test]
fn files_inside_other_values_are_uploaded_too() {
    let receiver = Receiver::answering(|_| 200);
    let server = Server::with("nested", &[("COG_UPLOAD_URL", &receiver.url("/up"))]);
    let reply = server.predict(&json!({})).json();
    let url = |name: &str| receiver.url(&format!("/up/{name}"));
    let expected = json!({
        "title": "T",
        "cover": url("cover.png"),
        "pages": [url("one.txt"), url("two.txt")],
        "extras": { "map": url("map.svg") },
    });
    assert_eq!(reply["output"], expected, "{reply}");
    let mut sent: Vec<_> = receiver.received().into_iter().map(|request| request.body).collect();
    sent.sort();
    assert_eq!(sent, ["cover.png", "map.svg", "one.txt", "two.txt"].map(|name| name.as_bytes().to_vec()));
}

#[test]
fn a_file_that_cannot_be_uploaded_fails_the_prediction() {
    let receiver = Receiver::answering(|_| 403);
    let server = Server::with("pathout", &[("COG_UPLOAD_URL", &receiver.url("/up"))]);
    let reply = server.predict(&json!({})).json();
    assert_eq!(reply["status"], "failed");
    assert!(reply["error"].as_str().is_some_and(|error| error.contains("403")), "{reply}");
    assert_eq!(receiver.received().len(), 1, "a refusal is not asked again");
}

#[test]
fn a_place_that_stumbles_is_tried_again() {
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let receiver = Receiver::answering(move |_| {
        if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 { 503 } else { 200 }
    });
    let server = Server::with("pathout", &[("COG_UPLOAD_URL", &receiver.url("/up"))]);
    assert_eq!(server.predict(&json!({})).json()["status"], "succeeded");
}
