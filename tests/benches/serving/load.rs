//! The load: clients that send the next request as soon as they have the answer to the last, each on a connection of
//! its own that stays open, all on one thread.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

/// How long the server gets to know its clients before anything is counted.
const WARM_UP: Duration = Duration::from_millis(300);

/// What is asked, and by how many at a time.
pub(crate) struct Load<'a> {
    pub(crate) port: u16,
    pub(crate) path: &'a str,
    pub(crate) body: String,
    pub(crate) connections: usize,
    /// How the body of every answer with 200 ends.
    pub(crate) ends_with: &'a str,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Measured {
    /// How long each answer with 200 took, the quickest first.
    latencies: Vec<Duration>,
    /// Answers with 409.
    busy: usize,
    elapsed: Duration,
}

impl Load<'_> {
    /// Loads the server for a time.
    ///
    /// Panics where an answer is neither a success nor 409.
    pub(crate) fn run(&self, time: Duration) -> Measured {
        let request = self.request();
        let mut lines: Vec<Line> = (0..self.connections).map(|_| Line::open(self.port)).collect();
        self.exchange(&mut lines, &request, WARM_UP);
        let mut measured = self.exchange(&mut lines, &request, time);
        measured.latencies.sort_unstable();
        measured
    }

    fn exchange(&self, lines: &mut [Line], request: &[u8], time: Duration) -> Measured {
        let arrivals = epoll::create(epoll::CreateFlags::CLOEXEC).expect("an epoll descriptor");
        let mut measured = Measured::default();
        let start = Instant::now();
        for (number, line) in (0..).zip(&mut *lines) {
            let data = epoll::EventData::new_u64(number);
            epoll::add(&arrivals, &line.stream, data, epoll::EventFlags::IN)
                .expect("a socket can be awaited");
            line.send(request);
        }
        let mut awaited = lines.len();
        let mut events = Vec::with_capacity(lines.len());
        while awaited > 0 {
            events.clear();
            epoll::wait(&arrivals, spare_capacity(&mut events), None).expect("a socket can be awaited");
            for event in &events {
                let data = event.data;
                let line = &mut lines[usize::try_from(data.u64()).expect("the number of a line")];
                match line.receive(self.ends_with) {
                    200 => measured.latencies.push(line.sent.elapsed()),
                    409 => measured.busy += 1,
                    status => panic!("answered {status}: {}", line.text()),
                }
                if start.elapsed() < time {
                    line.send(request);
                } else {
                    awaited -= 1;
                }
            }
        }
        measured.elapsed = start.elapsed();
        measured
    }

    fn request(&self) -> Vec<u8> {
        let (path, length) = (self.path, self.body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{}",
            self.body
        )
        .into_bytes()
    }
}

impl Measured {
    /// Successes per second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The share of answers with 409 among all.
    pub(crate) fn busy(&self) -> f64 {
        self.busy as f64 / (self.busy + self.latencies.len()) as f64
    }

    /// In how many microseconds that many percent of the successes were there.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e6)
    }
}

/// A connection.
struct Line {
    stream: TcpStream,
    sent: Instant,
    /// The answer, and behind it room.
    buffer: Vec<u8>,
    received: usize,
}

impl Line {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server accepts connections");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { stream, sent: Instant::now(), buffer: vec![0; 64 << 10], received: 0 }
    }

    fn send(&mut self, request: &[u8]) {
        self.received = 0;
        self.sent = Instant::now();
        self.stream.write_all(request).expect("the server reads");
    }

    /// Waits for the rest of an answer; gives its status.
    fn receive(&mut self, ends_with: &str) -> u16 {
        let mut whole = None;
        while whole.is_none_or(|whole| self.received < whole) {
            if self.received == self.buffer.len() {
                self.buffer.resize(2 * self.buffer.len(), 0);
            }
            let read = self.stream.read(&mut self.buffer[self.received..]).expect("the server answers");
            assert!(read > 0, "the server hung up: {}", self.text());
            self.received += read;
            whole = whole.or_else(|| length(&self.buffer[..self.received]));
        }
        let status = std::str::from_utf8(&self.buffer[9..12]).ok().and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no HTTP: {}", self.text()));
        let right = self.buffer[..self.received].ends_with(ends_with.as_bytes());
        assert!(status != 200 || right, "another answer than {ends_with}: {}", self.text());
        status
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.received.min(2000)]).into_owned()
    }
}

/// The length of an answer with its head, if all of the head is here.
fn length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let name = "content-length:";
    let value = head.lines().find_map(|line| {
        let (start, value) = line.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(value)
    });
    Some(end + value?.trim().parse::<usize>().ok()?)
}
