//! Takes its process down: by leaving, or by touching memory that is not there.
#![expect(clippy::print_stdout, reason = "what a model prints is its log")]

use std::thread::sleep;
use std::time::Duration;

use cog::prelude::*;

#[cog::predict]
fn crash(#[input(default = "exit")] kind: String, #[input(default = 0.3)] wait: f64) -> String {
    println!("going to crash {kind}");
    sleep(Duration::from_secs_f64(wait));
    match kind.as_str() {
        "exit" => std::process::exit(7),
        "segv" => touch_nothing(),
        "abort" => std::process::abort(),
        _ => "alive".to_owned(),
    }
}

#[expect(unsafe_code, reason = "a segmentation fault cannot be had otherwise")]
fn touch_nothing() -> ! {
    // SAFETY: none: the read faults, and that is its purpose. Volatile, so that no optimiser removes it; the
    // address is not null because reading null is checked in debug builds.
    unsafe { std::ptr::with_exposed_provenance::<u8>(8).read_volatile() };
    unreachable!("address 8 is never mapped")
}

fn main() -> ExitCode {
    cog::main::<crash>()
}
