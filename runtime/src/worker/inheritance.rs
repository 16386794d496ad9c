//! What the supervisor hands a new worker: a socket as standard input, and over it the ends of four pipes. Two are those
//! by which they talk; the others are the read ends of the worker's own standard output and error.
//!
//! Both processes hold those read ends on purpose. The worker drains them itself, so that it can say which
//! prediction the text belongs to and be sure that all of it left before the prediction's last word; the
//! supervisor reads them only after the worker died.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, PipeReader, PipeWriter};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};

use super::pipes::Pipes;

pub(super) struct Inherited {
    /// What the supervisor says.
    pub(super) orders: PipeReader,
    /// What it is told.
    pub(super) reports: PipeWriter,
    pub(super) pipes: Pipes,
}

/// The pipe ends that a worker is handed.
pub(crate) struct Inheritance<'a> {
    pub(crate) stdout: BorrowedFd<'a>,
    pub(crate) stderr: BorrowedFd<'a>,
    pub(crate) orders: BorrowedFd<'a>,
    pub(crate) reports: BorrowedFd<'a>,
}

/// Takes over what the supervisor handed down and leaves nothing of it where the model could trip over it:
/// standard input becomes empty, and no descriptor of ours passes on to the model's own child processes.
pub(super) fn take() -> io::Result<Inherited> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let [stdout, stderr, orders, reports] = receive(&socket)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    #[cfg(target_os = "linux")]
    {
        // The reader thread notices a dead supervisor too; this covers a worker that gets no processor time.
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        // Started by way of /proc/self/exe, it would otherwise be listed as `exe`.
        rustix::thread::set_name(c"cog-worker")?;
    }
    Ok(Inherited { orders: orders.into(), reports: reports.into(), pipes: Pipes::new(stdout, stderr)? })
}

/// Ends the process now: no destructors of a model or its libraries, which may hang, nor buffers nobody reads.
pub(super) fn leave() -> ! {
    #[expect(unsafe_code, reason = "std has no exit that skips what C libraries registered with atexit")]
    // SAFETY: `_exit` takes no pointer and does not return.
    unsafe {
        libc::_exit(0)
    }
}

/// The supervisor's half. The socket may be closed afterwards.
pub(crate) fn hand_down(socket: BorrowedFd<'_>, pipes: &Inheritance<'_>) -> io::Result<()> {
    let Inheritance { stdout, stderr, orders, reports } = *pipes;
    let ends = [stdout, stderr, orders, reports];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&ends));
    rustix::net::sendmsg(socket, &[IoSlice::new(&[0])], &mut control, SendFlags::empty())?;
    Ok(())
}

fn receive(socket: &UnixStream) -> io::Result<[OwnedFd; 4]> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    #[cfg(target_os = "linux")]
    let flags = RecvFlags::CMSG_CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = RecvFlags::empty();
    rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut control, flags)?;
    let ends = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(ends) => Some(ends),
        _ => None,
    });
    let ends: Vec<OwnedFd> = ends.flatten().collect();
    ends.try_into()
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "standard input is not the server's socket"))
}
