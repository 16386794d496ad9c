//! Tars on their way to the engine: written on a thread while they are sent, never whole in memory.

use std::io::{self, Write};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::super::ContextTar;

/// Bytes sent at a time.
const CHUNK: usize = 256 * 1024;

/// A tar on its way.
pub(super) struct Upload {
    pub(super) body: http_body_util::Either<http_body_util::Full<Bytes>, Body>,
    /// Where what is still to come goes in.
    pub(super) rest: mpsc::WeakSender<io::Result<Bytes>>,
    /// What kept the context from being read, if anything.
    pub(super) trouble: oneshot::Receiver<io::Error>,
}

impl Upload {
    /// A request body that `tar` is written into from a thread.
    pub(super) fn of(tar: ContextTar) -> Self {
        let (sender, mut receiver) = mpsc::channel(4);
        let rest = sender.downgrade();
        let (tell, trouble) = oneshot::channel();
        std::thread::spawn(move || {
            let mut out = Chunks { sender, buffer: Vec::with_capacity(CHUNK), abandoned: false };
            let result = tar.write_to(&mut out).and_then(|()| out.flush());
            if let Err(error) = result
                && !out.abandoned
            {
                let _ = out.sender.blocking_send(Err(io::Error::other("the tar could not be read")));
                let _ = tell.send(error);
            }
        });
        let chunks = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
        Self { body: bollard::body_try_stream(chunks), rest, trouble }
    }
}

type Body = http_body_util::StreamBody<
    std::pin::Pin<Box<dyn futures_util::Stream<Item = io::Result<hyper::body::Frame<Bytes>>> + Send>>,
>;

struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
    abandoned: bool,
}

impl Chunks {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.sender.blocking_send(Ok(chunk.into())).map_err(|_| {
            self.abandoned = true;
            io::Error::from(io::ErrorKind::BrokenPipe)
        })
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() { Ok(()) } else { self.send() }
    }
}
