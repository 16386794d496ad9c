use std::thread::sleep;
use std::time::Duration;

use cog::prelude::*;

struct Sleeper;

#[cog::predictor]
impl Sleeper {
    fn setup() -> Result<Self> {
        println!("setting up");
        if let Ok(seconds) = std::env::var("SETUP_SECONDS") {
            if seconds == "fail" {
                bail!("there is no bed");
            }
            sleep(Duration::from_secs_f64(seconds.parse()?));
        }
        Ok(Self)
    }

    /// Sleeps.
    fn predict(
        &self,
        #[input(default = 0.0, ge = 0.0)] seconds: f64,
        #[input(default = false)] fail: bool,
    ) -> Result<String> {
        println!("falling asleep");
        sleep(Duration::from_secs_f64(seconds));
        if fail {
            bail!("a bad dream");
        }
        Ok(format!("slept {seconds} s"))
    }
}

fn main() -> ExitCode {
    cog::main::<Sleeper>()
}
