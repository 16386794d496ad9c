//! Framing: a little-endian `u32` length, then that many bytes.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;

use rustix::buffer::spare_capacity;
use serde::Serialize;

/// One message as a frame, ready to be written in one go.
pub(crate) fn encode<M: Serialize>(message: &M) -> io::Result<Vec<u8>> {
    let mut frame = Vec::with_capacity(256);
    frame.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4)
        .map_err(|_| io::Error::new(ErrorKind::InvalidInput, "the value is over 4 GiB"))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// Takes frames apart again, however the bytes were cut on their way.
#[derive(Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    start: usize,
}

impl Frames {
    /// The bytes of the next frame, if all of it is here.
    pub(crate) fn next(&mut self) -> Option<&[u8]> {
        let waiting = &self.bytes[self.start..];
        let (head, body) = waiting.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*head) as usize;
        if body.len() < length {
            return None;
        }
        let from = self.start + 4;
        self.start = from + length;
        Some(&self.bytes[from..from + length])
    }

    /// Room for more bytes, after what is already here. Whole frames must have been taken out before.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > 1 << 20 {
            self.bytes = Vec::new();
        }
        let missing = match self.bytes.first_chunk::<4>() {
            // Bounded, so that a damaged length cannot ask for 4 GiB at once.
            Some(head) => (u32::from_le_bytes(*head) as usize + 4 - self.bytes.len()).min(1 << 20),
            None => 0,
        };
        self.bytes.reserve(missing.max(16 << 10));
        &mut self.bytes
    }

    /// Reads more bytes from `source`; false at its end.
    pub(crate) fn fill(&mut self, source: impl AsFd) -> io::Result<bool> {
        let room = self.room();
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&source, spare_capacity(room)))?;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn frames_survive_any_cut() -> io::Result<()> {
        let stream: Vec<u8> = [encode(&"one")?, encode(&"")?, encode(&"x".repeat(70_000))?].concat();
        for step in [1, 3, 5, 4096, stream.len()] {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in stream.chunks(step) {
                frames.room().extend_from_slice(piece);
                while let Some(frame) = frames.next() {
                    seen.push(frame.len());
                }
            }
            assert_eq!(seen, [5, 2, 70_002], "cut every {step} bytes");
        }
        Ok(())
    }

    #[test]
    fn a_source_is_read_to_its_end() -> io::Result<()> {
        let (source, mut end) = io::pipe()?;
        end.write_all(&encode(&7)?)?;
        drop(end);
        let mut frames = Frames::default();
        assert!(frames.fill(&source)?);
        assert_eq!(frames.next(), Some(b"7".as_slice()));
        assert!(!frames.fill(&source)?);
        Ok(())
    }
}
