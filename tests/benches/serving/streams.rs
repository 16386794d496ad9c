//! Tokens per second through server-sent events, to many readers of one prediction.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cog_tests::Connection;
use cog_tests::report::{Samples, Table, figure, ratio};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use crate::contestant::{Contestant, Contestants};
use crate::server::Server;

/// How many readers, how many tokens each gets, and how many seconds they have to join before the first one.
const SIZES: [(usize, usize, f64); 3] = [(1, 20_000, 0.5), (64, 2_000, 0.5), (1_000, 500, 2.0)];

/// When no reader hears anything for so long, those that have not heard the end count as cut off: a reader of the
/// reference may wait for ever.
const SILENCE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };
/// How long the reference may keep its one slot after a prediction's last event. Ours has it free by then.
const AFTERMATH: Duration = Duration::from_secs(5);

/// What is measured of one contestant with one number of readers.
#[derive(Default)]
struct Figures {
    /// Tokens per second, those of all readers together.
    rate: Samples,
    /// Readers that did not get every token.
    dropped: Samples,
}

/// What all rounds measured.
#[derive(Default)]
pub(crate) struct Results {
    reference: [Figures; SIZES.len()],
    ours: [Figures; SIZES.len()],
}

impl Results {
    pub(crate) fn round(&mut self, contestants: &Contestants) {
        for who in Contestant::SERVERS {
            let figures = if who == Contestant::Ours { &mut self.ours } else { &mut self.reference };
            let server = contestants.start(who, "tokens", &[]);
            for ((readers, tokens, pause), figures) in SIZES.into_iter().zip(figures) {
                let (rate, dropped) = streamed(who, &server, readers, tokens, pause);
                figures.rate.push(rate);
                figures.dropped.push(dropped as f64);
            }
        }
    }

    pub(crate) fn table(&self) -> Table {
        let head =
            ["tokens/s through SSE, all readers together", "reference", "here", "ratio", "readers cut off"];
        let mut table = Table::new(head);
        for ((readers, ..), (reference, ours)) in SIZES.into_iter().zip(self.reference.iter().zip(&self.ours))
        {
            table.row([
                if readers == 1 { "1 reader".to_owned() } else { format!("{readers} readers") },
                figure(reference.rate.median()),
                figure(ours.rate.median()),
                ratio(&ours.rate.per(&reference.rate)),
                format!("reference {:.0}, here {:.0}", reference.dropped.median(), ours.dropped.median()),
            ]);
        }
        table
    }
}

/// Streams one prediction to many; gives tokens per second, and how many readers did not get all.
fn streamed(who: Contestant, server: &Server, readers: usize, tokens: usize, pause: f64) -> (f64, usize) {
    let id = format!("to-{readers}");
    let body = format!(r#"{{"id":"{id}","input":{{"n":{tokens},"pause":{pause}}}}}"#);
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    let mut connection = Connection::open(server.port).expect("the server accepts connections");
    let asked = Instant::now();
    let mut ask = || {
        let answer = connection.request("POST", "/predictions", &headers, body.as_bytes());
        answer.expect("an answer").status
    };
    let mut status = ask();
    while who == Contestant::Reference && status == 409 && asked.elapsed() < AFTERMATH {
        std::thread::sleep(Duration::from_millis(10));
        status = ask();
    }
    assert_eq!(status, 202);
    let mut readers: Vec<Reader> = (0..readers).map(|_| Reader::join(server.port, &id)).collect();
    let (first, last) = read(&mut readers);
    let got: usize = readers.iter().map(|reader| reader.tokens).sum();
    let dropped = readers.iter().filter(|reader| reader.tokens < tokens).count();
    (got as f64 / (last - first).as_secs_f64(), dropped)
}

/// Reads them all to their ends; gives when the first token and when the last end came.
fn read(readers: &mut [Reader]) -> (Instant, Instant) {
    let arrivals = epoll::create(epoll::CreateFlags::CLOEXEC).expect("an epoll descriptor");
    for (number, reader) in (0..).zip(&*readers) {
        let data = epoll::EventData::new_u64(number);
        epoll::add(&arrivals, &reader.stream, data, epoll::EventFlags::IN).expect("a socket can be awaited");
    }
    let mut buffer = vec![0; 256 << 10];
    let mut first = None;
    let mut awaited = readers.len();
    let mut events = Vec::with_capacity(readers.len());
    let mut last = Instant::now();
    while awaited > 0 {
        events.clear();
        epoll::wait(&arrivals, spare_capacity(&mut events), Some(&SILENCE)).expect("a socket can be awaited");
        if events.is_empty() {
            break;
        }
        for event in &events {
            let data = event.data;
            let reader = &mut readers[usize::try_from(data.u64()).expect("the number of a reader")];
            if reader.read(&mut buffer) {
                epoll::delete(&arrivals, &reader.stream).expect("it was awaited");
                awaited -= 1;
            }
            if reader.tokens > 0 {
                first.get_or_insert_with(Instant::now);
            }
        }
        last = Instant::now();
    }
    (first.unwrap_or(last), last)
}

struct Reader {
    stream: TcpStream,
    tokens: usize,
    /// The end of what was read, which may be the beginning of a word that counts.
    tail: String,
}

impl Reader {
    fn join(port: u16, id: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server accepts connections");
        let request = format!(
            "PUT /predictions/{id} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).expect("the server reads");
        stream.set_nonblocking(true).expect("a TCP socket");
        Self { stream, tokens: 0, tail: String::new() }
    }

    /// Reads what is there; true at the end.
    fn read(&mut self, buffer: &mut [u8]) -> bool {
        const TOKEN: &str = "event: output";
        const ENDS: [&str; 2] = ["event: completed", "event: error"];
        let length = match self.stream.read(buffer) {
            Ok(0) => return true,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("a reader was hung up on: {error}"),
        };
        let text = std::str::from_utf8(&buffer[..length]).expect("events of tokens are ASCII");
        self.tail.push_str(text);
        self.tokens += self.tail.matches(TOKEN).count();
        // The last event repeats all output, and what it is called comes before that.
        let end = ENDS.iter().any(|end| self.tail.contains(end));
        self.tail.drain(..self.tail.len().saturating_sub(TOKEN.len() - 1));
        end
    }
}
