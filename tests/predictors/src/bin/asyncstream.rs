//! Two token streams at a time, asynchronously.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;
use futures_util::stream;

#[derive(Default)]
struct Runner;

#[cog::predictor(concurrency = 2)]
impl Runner {
    async fn predict(
        &self,
        #[input(default = 3)] n: i64,
        #[input(default = 0.3)] delay: f64,
    ) -> impl Stream<Item = Token> {
        stream::unfold(0, move |i| async move {
            if i > 0 {
                tokio::time::sleep(Duration::from_secs_f64(delay)).await;
            }
            if i >= n {
                return None;
            }
            println!("log {i}");
            Some((Token::from(format!("tok{i} ")), i + 1))
        })
    }
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
