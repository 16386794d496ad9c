//! Asynchronous code that strays: prints from other tasks and threads, outlives its prediction, or takes its time
//! over being cancelled.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::time::Duration;

use cog::prelude::*;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

#[cog::predict]
async fn asyncodd(
    #[input(default = "err")] kind: String,
    #[input(default = 5.0)] seconds: f64,
    ctx: &Prediction,
) -> Result<String> {
    match kind.as_str() {
        "err" => bail!("ValueError: payment cancelled by bank"),
        "threads" => {
            println!("in coroutine");
            spawn_blocking(|| println!("in to_thread")).await?;
            let _ = std::thread::spawn(|| println!("in raw thread")).join();
            return Ok("ok".to_owned());
        }
        "orphan" => {
            tokio::spawn(async {
                sleep(Duration::from_millis(500)).await;
                println!("orphan task output");
            });
            return Ok("ok".to_owned());
        }
        "cleanup" => tokio::select! {
            () = sleep(Duration::from_secs_f64(seconds)) => {}
            () = ctx.cancellation() => {
                sleep(Duration::from_secs(1)).await;
                println!("cleanup done");
                return Err(cog::Canceled.into());
            }
        },
        _ => {}
    }
    Ok("fine".to_owned())
}

fn main() -> ExitCode {
    cog::main::<asyncodd>()
}
