//! The way to a registry, with something wrong on it.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A proxy that passes requests on to a registry and spoils those it was told to.
#[derive(Debug)]
pub struct BadWay {
    port: u16,
    closed: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It is answered with this status and header lines (each ended by `\r\n`), and not passed on.
    Answer(u16, &'static str),
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    /// The registry's answer names another digest.
    Lie,
}

/// A request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// How many of that method came before it.
    pub count: usize,
    /// Whether its body is a piece of something, by `Content-Range`.
    pub is_piece: bool,
}

impl BadWay {
    /// A way to 127.0.0.1:`port` on which `fault` happens.
    pub fn to(port: u16, fault: impl Fn(&Asked<'_>) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port can be listened on");
        let own = listener.local_addr().expect("a listener has an address").port();
        let (closed, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ending, counter) = (Arc::clone(&closed), Arc::clone(&sent));
        let (fault, seen) = (Arc::new(fault), Arc::new(Mutex::new(HashMap::<String, usize>::new())));
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (fault, seen, counter) = (Arc::clone(&fault), Arc::clone(&seen), Arc::clone(&counter));
                std::thread::spawn(move || {
                    let choose = |method: &str, path: &str, is_piece: bool| {
                        let count = {
                            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                            let count = seen.entry(method.to_owned()).or_default();
                            *count += 1;
                            *count - 1
                        };
                        fault(&Asked { method, path, count, is_piece })
                    };
                    // Whichever side hangs up, the other one notices.
                    let _ended = pass(client, port, choose, &counter);
                });
            }
        });
        Self { port: own, closed, sent }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Bytes of bodies that were passed on.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

impl Drop for BadWay {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// One request on one connection.
fn pass(
    mut client: TcpStream,
    port: u16,
    choose: impl Fn(&str, &str, bool) -> Fault,
    sent: &AtomicU64,
) -> io::Result<()> {
    let Some(head) = head(&mut client)? else { return client.shutdown(Shutdown::Both) };
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let fault = choose(method, path, header("content-range").is_some());
    if let Fault::Answer(status, headers) = fault {
        // Read first: a connection closed upon unread bytes takes the answer with it.
        io::copy(&mut (&client).take(length as u64), &mut io::sink())?;
        let reply =
            format!("HTTP/1.1 {status} No\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
        return client.write_all(reply.as_bytes());
    }
    let mut registry = TcpStream::connect(("127.0.0.1", port))?;
    let head = head.trim_end().to_owned() + "\r\nConnection: close\r\n\r\n";
    registry.write_all(head.as_bytes())?;
    let most = if let Fault::Cut(most) = fault { most.min(length) } else { length };
    let passed = io::copy(&mut (&client).take(most as u64), &mut registry)?;
    sent.fetch_add(passed, Ordering::SeqCst);
    if matches!(fault, Fault::Cut(_)) {
        client.shutdown(Shutdown::Both)?;
        return registry.shutdown(Shutdown::Both);
    }
    if fault == Fault::Lie {
        let mut reply = Vec::new();
        registry.read_to_end(&mut reply)?;
        let reply = String::from_utf8_lossy(&reply);
        let lines = reply.split("\r\n").map(|line| {
            let is_digest = line.to_ascii_lowercase().starts_with("docker-content-digest:");
            if is_digest {
                format!("Docker-Content-Digest: sha256:{}", "0".repeat(64))
            } else {
                line.to_owned()
            }
        });
        return client.write_all(lines.collect::<Vec<_>>().join("\r\n").as_bytes());
    }
    io::copy(&mut registry, &mut client).map(drop)
}

/// The head of a request; nothing of one that is no HTTP, as when TLS is tried.
fn head(client: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 || (head.is_empty() && !byte[0].is_ascii_uppercase()) {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}
