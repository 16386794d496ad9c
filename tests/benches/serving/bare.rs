//! The ceiling: an axum handler and nothing else. One route gives the text back as it is, the other calls the function
//! that the predictor is made of, in this process, where a crash of it would end the server.

#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use axum::Router;
use axum::extract::Json;
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// Answers the same as the predictor, as far as the load looks.
pub(crate) const ECHO: &str = "/echo";
/// The same by way of the predictor's function.
pub(crate) const IN_PROCESS: &str = "/predictions";

#[derive(Deserialize)]
struct Request {
    input: Input,
}

#[derive(Deserialize)]
struct Input {
    text: String,
}

#[derive(Serialize)]
struct Answer {
    output: String,
    status: &'static str,
}

/// Serves until it is killed. On one thread, as the supervisor does: with several it is slower on one connection.
pub(crate) fn serve(port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let routes = Router::new()
            .route(ECHO, post(|Json(request): Json<Request>| async { answer(greeted(request.input.text)) }))
            .route(
                IN_PROCESS,
                post(|Json(request): Json<Request>| async { answer(predict(request.input.text)) }),
            )
            .route("/health-check", axum::routing::get(|| async { r#"{"status":"READY"}"# }));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a TCP socket");
            let service = TowerToHyperService::new(routes.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

fn answer(output: String) -> Json<Answer> {
    Json(Answer { output, status: "succeeded" })
}

fn greeted(text: String) -> String {
    format!("hello {text}")
}

/// What `tests/predictors/src/bin/echo.rs` does.
fn predict(text: String) -> String {
    println!("echoing {} chars", text.chars().count());
    greeted(text)
}
