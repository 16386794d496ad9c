//! The read ends of the worker's standard output and error, read without ever waiting.

use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::model::LogSource;

pub(crate) struct Pipes {
    ends: [End; 2],
    ready: Ready,
}

struct End {
    source: LogSource,
    file: std::fs::File,
    /// The beginning of a character whose other bytes are still to come.
    torn: Vec<u8>,
}

impl Pipes {
    /// Takes two read ends, which must not block.
    pub(crate) fn new(stdout: OwnedFd, stderr: OwnedFd) -> io::Result<Self> {
        let ready = Ready::new([stdout.as_fd(), stderr.as_fd()])?;
        let end = |source, fd: OwnedFd| End { source, file: fd.into(), torn: Vec::new() };
        Ok(Self { ends: [end(LogSource::Stdout, stdout), end(LogSource::Stderr, stderr)], ready })
    }

    /// A descriptor that becomes readable when there is something to drain.
    pub(crate) fn bell(&self) -> io::Result<OwnedFd> {
        self.ready.bell()
    }

    /// Hands over everything that has been written so far, first come first, in valid UTF-8.
    pub(crate) fn drain(&mut self, mut emit: impl FnMut(LogSource, String)) {
        for index in self.ready.now() {
            self.ends[index].read(&mut emit);
        }
    }

    /// Gives up waiting for the rest of torn characters.
    pub(crate) fn finish(&mut self, mut emit: impl FnMut(LogSource, String)) {
        for end in &mut self.ends {
            if !end.torn.is_empty() {
                emit(end.source, String::from_utf8_lossy(&std::mem::take(&mut end.torn)).into_owned());
            }
        }
    }
}

impl End {
    /// Reads until there is no more for now.
    fn read(&mut self, emit: &mut impl FnMut(LogSource, String)) {
        let mut buffer = [0; 16 << 10];
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    let mut bytes = std::mem::take(&mut self.torn);
                    bytes.extend_from_slice(&buffer[..length]);
                    self.torn = bytes.split_off(bytes.len() - torn_tail(&bytes));
                    if !bytes.is_empty() {
                        emit(self.source, into_text(bytes));
                    }
                    if length < buffer.len() {
                        // What comes from here on rings again.
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// How many bytes at the end are the beginning of an unfinished character.
fn torn_tail(bytes: &[u8]) -> usize {
    match std::str::from_utf8(&bytes[bytes.len().saturating_sub(3)..]) {
        Ok(_) => 0,
        Err(_) => {
            let last = bytes.iter().rev().take(3).position(|byte| *byte >= 0xC0);
            match last {
                Some(back) => {
                    let width = match bytes[bytes.len() - 1 - back] {
                        0xF0..=0xF7 => 4,
                        0xE0..=0xEF => 3,
                        0xC0..=0xDF => 2,
                        _ => 1,
                    };
                    if back + 1 < width { back + 1 } else { 0 }
                }
                None => 0,
            }
        }
    }
}

/// Which ends have something to read, in the order in which they got it (Linux keeps that order; elsewhere output
/// comes before error).
#[cfg(target_os = "linux")]
struct Ready(OwnedFd);

#[cfg(target_os = "linux")]
impl Ready {
    fn new(ends: [BorrowedFd<'_>; 2]) -> io::Result<Self> {
        use rustix::event::epoll;
        let queue = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (index, end) in (0..).zip(ends) {
            let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
            epoll::add(&queue, end, epoll::EventData::new_u64(index), flags)?;
        }
        Ok(Self(queue))
    }

    fn bell(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }

    fn now(&self) -> Vec<usize> {
        use rustix::event::{Timespec, epoll};
        let mut events = Vec::with_capacity(2);
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let space = rustix::buffer::spare_capacity(&mut events);
        if epoll::wait(&self.0, space, Some(&at_once)).is_err() {
            return Vec::new();
        }
        events.iter().map(|event| if event.data.u64() == 0 { 0 } else { 1 }).collect()
    }
}

#[cfg(not(target_os = "linux"))]
struct Ready(OwnedFd);

#[cfg(not(target_os = "linux"))]
impl Ready {
    fn new(ends: [BorrowedFd<'_>; 2]) -> io::Result<Self> {
        Ok(Self(ends[0].try_clone_to_owned()?))
    }

    fn bell(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }

    fn now(&self) -> Vec<usize> {
        vec![0, 1]
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn pipes() -> Result<(Pipes, std::fs::File, std::fs::File), Box<dyn std::error::Error>> {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (out, out_writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let (err, err_writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        Ok((Pipes::new(out, err)?, out_writer.into(), err_writer.into()))
    }

    fn drained(pipes: &mut Pipes) -> Vec<(LogSource, String)> {
        let mut seen = Vec::new();
        pipes.drain(|source, text| seen.push((source, text)));
        seen
    }

    #[test]
    fn text_comes_in_the_order_in_which_the_pipes_got_it() -> Tested {
        let (mut pipes, mut out, mut err) = pipes()?;
        err.write_all(b"first\n")?;
        out.write_all(b"second\n")?;
        let expected = [(LogSource::Stderr, "first\n".into()), (LogSource::Stdout, "second\n".into())];
        assert_eq!(drained(&mut pipes), expected);
        Ok(())
    }

    #[test]
    fn a_character_cut_in_two_is_put_together_again() -> Tested {
        let (mut pipes, mut out, _err) = pipes()?;
        out.write_all(&"né €".as_bytes()[..5])?;
        assert_eq!(drained(&mut pipes), [(LogSource::Stdout, "né ".into())]);
        out.write_all(&"né €".as_bytes()[5..])?;
        assert_eq!(drained(&mut pipes), [(LogSource::Stdout, "€".into())]);
        Ok(())
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_not_lost() -> Tested {
        let (mut pipes, mut out, _err) = pipes()?;
        out.write_all(b"a\xffb\xf0")?;
        assert_eq!(drained(&mut pipes), [(LogSource::Stdout, "a\u{fffd}b".into())]);
        let mut rest = String::new();
        pipes.finish(|_, text| rest += &text);
        assert_eq!(rest, "\u{fffd}");
        Ok(())
    }
}
