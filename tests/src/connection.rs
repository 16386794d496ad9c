//! One HTTP/1.1 connection, used for one request after another.
//!
//! Small on purpose: a test says which bytes go over which connection, and a pool would hide that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A connection to a port of 127.0.0.1.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    /// What came of an event stream and was not read.
    unread: String,
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What it is.
    pub name: String,
    /// Its number.
    pub id: Option<u64>,
    /// What it says.
    pub data: Value,
}

impl Connection {
    /// Connects; an error when nobody listens.
    pub fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { stream: BufReader::new(stream), unread: String::new() })
    }

    /// `GET path`.
    pub fn get(&mut self, path: &str) -> std::io::Result<Reply> {
        self.request("GET", path, &[], b"")
    }

    /// `POST path` with a JSON body.
    pub fn post(&mut self, path: &str, body: &Value) -> std::io::Result<Reply> {
        self.request("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Any request.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Reply> {
        self.send(method, path, headers, body)?;
        self.reply()
    }

    /// Sends a request and does not wait for the reply.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        // A server may answer, and close, before it has read everything: its answer counts.
        let _ = stream.write_all(body);
        Ok(())
    }

    /// Reads the next reply.
    pub fn reply(&mut self) -> std::io::Result<Reply> {
        let status = self.line()?;
        let code =
            status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken(&status))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken(&line))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status: code, headers, body: Vec::new() };
        if let Some(length) = reply.header("content-length") {
            let length = length.parse().map_err(|_| broken("content-length"))?;
            reply.body.resize(length, 0);
            self.stream.read_exact(&mut reply.body)?;
        } else if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = self.chunks()?;
        }
        Ok(reply)
    }

    /// The head of the next reply, whose body is read by [`Self::event`].
    pub fn events(&mut self) -> std::io::Result<u16> {
        let status = self.line()?;
        while !self.line()?.is_empty() {}
        status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken(&status))
    }

    /// The next server-sent event: its name, its id and its data. `None` at the end of the stream.
    pub fn event(&mut self) -> std::io::Result<Option<Event>> {
        let mut event = Event { name: String::new(), id: None, data: Value::Null };
        loop {
            while !self.unread.contains("\n") {
                let size = self.line()?;
                let size = usize::from_str_radix(&size, 16).map_err(|_| broken(&size))?;
                let mut chunk = vec![0; size];
                self.stream.read_exact(&mut chunk)?;
                self.line()?;
                if size == 0 {
                    return Ok(None);
                }
                self.unread.push_str(&String::from_utf8_lossy(&chunk));
            }
            let end = self.unread.find('\n').unwrap_or_default();
            let line: String = self.unread.drain(..=end).collect();
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("id", id)) => event.id = id.parse().ok(),
                Some(("data", data)) => event.data = serde_json::from_str(data)?,
                None if !event.name.is_empty() => return Ok(Some(event)),
                _ => {}
            }
        }
    }

    fn chunks(&mut self) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = self.line()?;
            let size = usize::from_str_radix(&size, 16).map_err(|_| broken(&size))?;
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..])?;
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

fn broken(what: &str) -> std::io::Error {
    std::io::Error::other(format!("not HTTP: {what}"))
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }
}
