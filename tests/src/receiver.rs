//! Somebody who receives what a model's server sends: webhooks, uploads.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A listening receiver; it answers as it was told to and remembers everything.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    closed: Arc<AtomicBool>,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

impl Receiver {
    /// Listens; answers each request with the status that `answer` gives for it, however long that takes.
    pub fn answering(answer: impl Fn(&Received) -> u16 + Send + Sync + 'static) -> Self {
        Self::on_port(0, answer)
    }

    /// The same, on a port that a server knows already.
    pub fn on_port(port: u16, answer: impl Fn(&Received) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port can be listened on");
        let port = listener.local_addr().expect("a listener has an address").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(AtomicBool::new(false));
        let (answer, log, ending) = (Arc::new(answer), Arc::clone(&received), Arc::clone(&closed));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*answer, &log));
            }
        });
        Self { port, received, closed }
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Everything that came so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what came is enough.
    pub fn wait_until(&self, what: &str, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let received = self.received();
            if enough(&received) {
                return received;
            }
            assert!(Instant::now() < patience, "waited in vain until {what}: {received:#?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that listens, which then lets go of the port.
        let _gone = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: TcpStream, answer: &dyn Fn(&Received) -> u16, log: &Mutex<Vec<Received>>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let status = answer(&request);
        let head = format!("HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n\r\n");
        if reader.get_mut().write_all(head.as_bytes()).is_err() {
            break;
        }
    }
    let _closed = reader.get_ref().shutdown(Shutdown::Both);
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = || {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut request = Received { method, path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
