//! A predictor that does to its process whatever a test asks for.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a model prints is its log")]

use std::thread::sleep;
use std::time::Duration;

use cog::prelude::*;

struct Probe;

#[cog::predictor]
impl Probe {
    fn setup() -> Result<Self> {
        println!("setting up");
        match std::env::var("PROBE_SETUP").as_deref() {
            Ok("fail") => bail!("no weights"),
            Ok("panic") => panic!("setup panics"),
            Ok("exit") => std::process::exit(9),
            Ok("hang") => sleep(Duration::from_secs(600)),
            _ => {}
        }
        Ok(Self)
    }

    fn predict(
        &self,
        #[input(default = "echo")] act: String,
        #[input(default = "")] text: String,
        #[input(default = 0.0, ge = 0.0)] seconds: f64,
        file: Option<cog::Path>,
        any: Option<serde_json::Value>,
        ctx: &Prediction,
    ) -> Result<String> {
        let time = Duration::from_secs_f64(seconds);
        match act.as_str() {
            "echo" => {}
            "size" => return Ok(text.len().to_string()),
            "pid" => return Ok(std::process::id().to_string()),
            "print" => println!("{text}"),
            "tail" => print!("{text}"),
            "c" => write_from_c(text.as_bytes()),
            "child" => {
                std::process::Command::new("echo").arg(&text).status()?;
            }
            "log" => ctx.log(&text),
            "order" => {
                eprintln!("one");
                ctx.log("two\n");
                println!("three");
            }
            "fail" => {
                println!("about to fail");
                bail!("{text}")
            }
            "panic" => panic!("{text}"),
            "exit" => {
                println!("about to exit");
                std::process::exit(7)
            }
            "segv" => touch_nothing(),
            "abort" => std::process::abort(),
            "sleep" => {
                println!("sleeping");
                ctx.sleep(time)?;
            }
            "stubborn" => sleep(time),
            "read" => {
                let file = file.ok_or_else(|| anyhow_like("no file"))?;
                let name = file.file_name().unwrap_or_default().display().to_string();
                return Ok(format!("{name}:{}", std::fs::read_to_string(&file)?));
            }
            "where" => return Ok(file.map(|file| file.display().to_string()).unwrap_or_default()),
            "any" => return Ok(any.unwrap_or_default().to_string()),
            other => bail!("no act `{other}`"),
        }
        Ok(text)
    }
}

fn anyhow_like(text: &str) -> std::io::Error {
    std::io::Error::other(text.to_owned())
}

#[expect(unsafe_code, reason = "what a C library prints does not pass through Rust's standard output")]
fn write_from_c(bytes: &[u8]) {
    // SAFETY: the pointer and the length are those of a slice.
    unsafe {
        libc::write(1, bytes.as_ptr().cast(), bytes.len());
        libc::printf(c"%s".as_ptr(), c" and stdio".as_ptr());
    }
}

#[expect(unsafe_code, reason = "a segmentation fault cannot be had otherwise")]
fn touch_nothing() {
    // SAFETY: none: the read faults, and that is its purpose.
    let _byte = unsafe { std::ptr::with_exposed_provenance::<u8>(8).read_volatile() };
}

fn main() -> ExitCode {
    cog::main::<Probe>()
}
