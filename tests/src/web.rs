//! A web server that answers as a test tells it to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A listening server; gone when this is.
#[derive(Debug)]
pub struct Web {
    port: u16,
    closed: Arc<AtomicBool>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The value of `Authorization`.
    pub authorization: Option<String>,
    /// The value of `Host`: how it was addressed.
    pub host: String,
    /// The first byte that is asked for, by `Range`.
    pub from: Option<usize>,
    /// The body.
    pub body: String,
}

/// What is answered to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Lines of the head, each a name and a value.
    pub headers: Vec<(&'static str, String)>,
    /// The body; of a file, all of it: what a range leaves out is not sent.
    pub body: Vec<u8>,
    /// Whether ranges are known.
    pub ranges: bool,
    /// After how many bytes of the body nothing more comes, and for how many seconds the connection stays open then.
    pub cut: Option<(usize, u64)>,
}

impl Answer {
    /// A file, of which any part can be had.
    pub fn file(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), ranges: true, cut: None }
    }

    /// A status, and no more.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), ranges: false, cut: None }
    }

    /// Adds a line to the head.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Web {
    /// One that answers each request with the status and the JSON text that `answer` gives for it.
    pub fn answering(answer: impl Fn(&Request) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::giving(move |request| {
            let (status, text) = answer(request);
            let answer = Answer { body: text.into_bytes(), ..Answer::status(status) };
            answer.with("Content-Type", "application/json")
        })
    }

    /// One that answers each request with what `answer` gives for it.
    pub fn giving(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port can be listened on");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (answer, closed) = (Arc::new(answer), Arc::new(AtomicBool::new(false)));
        let ending = Arc::clone(&closed);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || {
                    // Whoever speaks TLS here is no user of it.
                    let _ended = serve(stream, &*answer);
                });
            }
        });
        Self { port, closed }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request) -> Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = [0];
    reader.read_exact(&mut first)?;
    if !first[0].is_ascii_uppercase() {
        return stream.shutdown(std::net::Shutdown::Both);
    }
    let mut line = String::from(char::from(first[0]));
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut authorization, mut host, mut from) = (0, None, String::new(), None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => authorization = Some(value.to_owned()),
            "host" => value.clone_into(&mut host),
            "range" => {
                let first = value.trim_start_matches("bytes=").split('-').next();
                from = first.and_then(|first| first.parse().ok());
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let head_only = method == "HEAD";
    let answer = answer(&Request { method, path, authorization, host, from, body });
    let all = answer.body.len();
    let from = from.filter(|_| answer.ranges && answer.status == 200);
    let (mut status, mut headers, mut body) = (answer.status, answer.headers, &answer.body[..]);
    match from {
        Some(from) if from < all => {
            (status, body) = (206, &answer.body[from..]);
            headers.push(("Content-Range", format!("bytes {from}-{}/{all}", all - 1)));
        }
        Some(_) => (status, body) = (416, &[]),
        None => {}
    }
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{lines}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    if head_only {
        return Ok(());
    }
    let Some((most, seconds)) = answer.cut else { return stream.write_all(body) };
    stream.write_all(&body[..most.min(body.len())])?;
    std::thread::sleep(std::time::Duration::from_secs(seconds));
    stream.shutdown(std::net::Shutdown::Both)
}
