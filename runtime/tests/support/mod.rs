//! A real server with the `probe` example in it, and a client that says exactly what it is told to.

#![expect(dead_code, reason = "each test file uses its own part")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) type Tested<T = ()> = Result<T, Box<dyn Error>>;

/// A running server; killed, whatever becomes of its test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) log: Arc<Mutex<String>>,
}

/// The executable of the example that cargo built beside this test.
pub(crate) fn probe() -> Tested<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(|deps| deps.parent()).ok_or("no target folder")?;
    Ok(folder.join("examples/probe"))
}

/// A server that is ready.
pub(crate) fn serve(env: &[(&str, &str)]) -> Tested<Server> {
    let server = start(env)?;
    server.wait_for("READY")?;
    Ok(server)
}

/// A server that listens.
pub(crate) fn start(env: &[(&str, &str)]) -> Tested<Server> {
    let mut command = Command::new(probe()?);
    command.args(["--host", "127.0.0.1"]).env("PORT", "0").stdin(Stdio::null()).stderr(Stdio::piped());
    for (name, value) in env {
        command.env(name, value);
    }
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let port = first.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('"').next());
    let port = port.and_then(|port| port.parse().ok()).ok_or_else(|| format!("no port in {first}"))?;
    let log = Arc::new(Mutex::new(String::new()));
    follow(lines, Arc::clone(&log));
    Ok(Server { child, port, log })
}

fn follow(lines: BufReader<ChildStderr>, log: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            if let Ok(mut log) = log.lock() {
                log.push_str(&line);
                log.push('\n');
            }
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Tested<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Server {
    pub(crate) fn connect(&self) -> Tested<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Connection { stream, rest: Vec::new() })
    }

    pub(crate) fn get(&self, path: &str) -> Tested<Answer> {
        self.connect()?.ask("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Tested<Answer> {
        self.connect()?.ask("POST", path, &[JSON], body.to_string().as_bytes())
    }

    pub(crate) fn post_async(&self, body: &Value) -> Tested<Answer> {
        let headers = [JSON, ("prefer", "respond-async")];
        self.connect()?.ask("POST", "/predictions", &headers, body.to_string().as_bytes())
    }

    /// Makes a prediction and gives its last state.
    pub(crate) fn predict(&self, input: Value) -> Tested<Value> {
        let answer = self.post("/predictions", &json!({ "input": input }))?;
        if answer.status == 200 { answer.json() } else { Err(format!("{answer:?} {}", answer.text()).into()) }
    }

    pub(crate) fn health(&self) -> Tested<Value> {
        self.get("/health-check")?.json()
    }

    pub(crate) fn wait_for(&self, status: &str) -> Tested {
        until(&format!("health {status}"), || Ok(self.health()?["status"] == status))
    }

    /// The worker's process id.
    pub(crate) fn worker(&self) -> Tested<u32> {
        let pid = self.predict(json!({"act": "pid"}))?;
        Ok(pid["output"].as_str().ok_or("no output")?.parse()?)
    }

    pub(crate) fn signal(&self, signal: i32) -> Tested {
        kill(self.child.id(), signal)
    }
}

pub(crate) fn kill(pid: u32, signal: i32) -> Tested {
    let status = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status()?;
    if status.success() { Ok(()) } else { Err("no such process".into()) }
}

/// The state letter of a process in /proc; none if it is gone.
pub(crate) fn state_of(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split(' ').next()?.to_owned())
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> Tested<bool>) -> Tested {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if holds()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(format!("it never came to: {what}").into())
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// One connection that is kept.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    rest: Vec<u8>,
}

impl Connection {
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Tested<Answer> {
        self.send(method, path, headers, body)?;
        self.answer()
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Tested {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.stream.write_all(request.as_bytes())?;
        self.stream.write_all(body)?;
        Ok(())
    }

    pub(crate) fn answer(&mut self) -> Tested<Answer> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut buffer = vec![0; 64 << 10];
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.ok_or("no content-length")?.parse()?;
                let from = end + 4;
                while bytes.len() < from + length {
                    let read = self.stream.read(&mut buffer)?;
                    if read == 0 {
                        return Err("cut off in the body".into());
                    }
                    bytes.extend_from_slice(&buffer[..read]);
                }
                self.rest = bytes.split_off(from + length);
                let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
                return Ok(Answer { status, head, body: bytes.split_off(from) });
            }
            let read = self.stream.read(&mut buffer)?;
            if read == 0 {
                return Err("cut off in the head".into());
            }
            bytes.extend_from_slice(&buffer[..read]);
        }
    }
}
