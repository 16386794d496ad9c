//! Prints in every way a process can: both streams, without a line end, from a thread, from a child.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a model prints is its log")]

use std::io::Write;
use std::process::Command;
use std::thread::{sleep, spawn};
use std::time::Duration;

use cog::prelude::*;

struct Runner;

#[cog::predictor]
impl Runner {
    fn setup() -> Result<Self> {
        println!("setup stdout line");
        eprintln!("setup stderr line");
        eprintln!("WARNING:root:setup logging warning");
        Command::new("sh").args(["-c", "echo setup subprocess line"]).status()?;
        Ok(Self)
    }

    fn predict(&self, #[input(default = "all")] kind: String) -> Result<String> {
        match kind.as_str() {
            "all" => print_everywhere()?,
            "next" => println!("next prediction"),
            "many" => {
                for i in 0..50 {
                    println!("line {i}");
                    sleep(Duration::from_millis(40));
                }
            }
            _ => {}
        }
        Ok("ok".to_owned())
    }
}

fn print_everywhere() -> Result<()> {
    let mut stdout = std::io::stdout();
    println!("stdout line");
    eprintln!("stderr line");
    print!("no newline");
    stdout.flush()?;
    println!(" | rest");
    eprintln!("WARNING:m:logging warning");
    Command::new("sh").args(["-c", "echo subprocess line; echo subprocess err >&2"]).status()?;
    stdout.write_all(b"os.write line\n")?;
    let _ = spawn(|| println!("from thread")).join();
    print!("\r10%\r20%\r\n");
    print!("unterminated tail");
    stdout.flush()?;
    Ok(())
}

fn main() -> ExitCode {
    cog::main::<Runner>()
}
