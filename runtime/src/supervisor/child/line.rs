//! The line to a worker: frames out, at once where there is room, and frames in.

use std::io::{self, ErrorKind, PipeReader, PipeWriter};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::protocol::Frames;

/// The frames that come.
pub(super) struct Incoming {
    reports: pipe::Receiver,
    frames: Frames,
}

/// Where frames go.
pub(super) struct Outgoing {
    orders: Arc<pipe::Sender>,
    /// What the pipe does not take at once.
    late: UnboundedSender<Late>,
    /// How many frames are late.
    behind: Arc<AtomicUsize>,
}

struct Late {
    frame: Vec<u8>,
    sent: usize,
}

/// Both directions.
pub(super) fn open(reports: PipeReader, orders: PipeWriter) -> io::Result<(Incoming, Outgoing)> {
    let reports = pipe::Receiver::from_owned_fd(reports.into())?;
    let orders = Arc::new(pipe::Sender::from_owned_fd(orders.into())?);
    let (late, frames) = unbounded_channel();
    let behind = Arc::new(AtomicUsize::new(0));
    tokio::spawn(catch_up(Arc::clone(&orders), frames, Arc::clone(&behind)));
    Ok((Incoming { reports, frames: Frames::default() }, Outgoing { orders, late, behind }))
}

impl Incoming {
    /// Waits for more; false when there is no more to come.
    pub(super) async fn more(&mut self) -> bool {
        matches!(self.reports.read_buf(self.frames.room()).await, Ok(1..))
    }

    /// The next frame, if all of it is here.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        self.frames.next()
    }
}

impl Outgoing {
    /// Sends a frame after those before it. One that comes too late is lost with the worker.
    pub(super) fn send(&self, frame: Vec<u8>) {
        let mut sent = 0;
        if self.behind.load(Ordering::Acquire) == 0 {
            // A broken line is noticed where it is read.
            sent = self.orders.try_write(&frame).unwrap_or(0);
        }
        if sent < frame.len() {
            self.behind.fetch_add(1, Ordering::AcqRel);
            let _gone = self.late.send(Late { frame, sent });
        }
    }
}

async fn catch_up(orders: Arc<pipe::Sender>, mut late: UnboundedReceiver<Late>, behind: Arc<AtomicUsize>) {
    while let Some(Late { frame, mut sent }) = late.recv().await {
        while sent < frame.len() {
            match write(&orders, &frame[sent..]).await {
                Ok(more) => sent += more,
                Err(_) => return,
            }
        }
        behind.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Writes some of it, as soon as there is room.
async fn write(orders: &pipe::Sender, bytes: &[u8]) -> io::Result<usize> {
    loop {
        orders.writable().await?;
        match orders.try_write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            written => return written,
        }
    }
}
