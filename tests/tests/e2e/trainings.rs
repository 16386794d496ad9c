//! Servers of models that can be trained.

use cog_tests::{Reply, Server};
use serde_json::json;

/// Asks for a training called `a`, whose body says something else.
fn mismatched(server: &Server, headers: &[(&str, &str)]) -> Reply {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let body = json!({ "id": "b", "input": { "data": "d" } }).to_string();
    server.connect().request("PUT", "/trainings/a", &headers, body.as_bytes()).expect("an answer")
}

#[test]
fn a_server_says_where_trainings_are_only_if_its_model_has_them() {
    for server in [Server::of("train"), Server::training("train")] {
        let found = server.get("/").json();
        assert_eq!(found["trainings_url"], "/trainings");
        assert_eq!(found["trainings_idempotent_url"], "/trainings/{training_id}");
        assert_eq!(found["trainings_cancel_url"], "/trainings/{training_id}/cancel");
    }
    let found = Server::of("echo").get("/").json();
    let keys = found.as_object().into_iter().flat_map(serde_json::Map::keys);
    assert_eq!(keys.filter(|key| key.starts_with("training")).count(), 0, "{found}");
}

#[test]
fn a_training_is_called_one_and_is_never_streamed() {
    let server = Server::training("train");
    let reply = mismatched(&server, &[]);
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json()["detail"][0]["msg"], "training ID must match the ID supplied in the URL");
    let reply = mismatched(&server, &[("accept", "text/event-stream")]);
    assert_eq!(reply.status, 406);
    assert_eq!(reply.json()["error"], "Training endpoints do not support streaming responses.");
}
