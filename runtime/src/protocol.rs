//! What supervisor and worker say to each other over their pipes, and how it is framed.
//!
//! The worker is started with one end of a Unix stream socket as its standard input, over which it gets the pipes: of a
//! message there and back they cost half as much as the socket itself. Each frame is a little-endian
//! `u32` length and that many bytes of JSON. The first frame is the worker's [`FromWorker::Hello`]; everything
//! after that follows from the messages themselves. Nothing here knows what either side does with a message.

mod frame;
mod message;
mod value;

pub(crate) use frame::{Frames, encode};
pub(crate) use message::{FromWorker, Outcome, SpanTimes, ToWorker, VERSION};
pub(crate) use value::WireValue;
