//! Says which of several workers it is, and names the parts of its setup.

use std::env;
use std::time::Duration;

use cog::prelude::*;

struct Which;

#[derive(cog::Output)]
struct Place {
    worker: Option<String>,
    gpu: Option<String>,
    process: u32,
}

#[cog::predictor]
impl Which {
    fn setup(ctx: &Setup) -> Self {
        ctx.phase("weights");
        std::thread::sleep(Duration::from_millis(200));
        ctx.phase("warm-up");
        Self
    }

    fn predict(&self, #[input(default = 0.0)] seconds: f64, #[input(default = false)] crash: bool) -> Place {
        std::thread::sleep(Duration::from_secs_f64(seconds));
        if crash {
            std::process::abort();
        }
        let told = |name: &str| env::var(name).ok();
        Place { worker: told("COG_WORKER"), gpu: told("CUDA_VISIBLE_DEVICES"), process: std::process::id() }
    }
}

fn main() -> ExitCode {
    cog::main::<Which>()
}
