//! Blocking calls from asynchronous code, carried through whether or not anyone still waits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Error, Result};

/// Runs `call` on a thread of its own. A future that is dropped waits for it to end first: what follows, such as the
/// removal of what the call makes, finds it done.
pub fn uninterrupted<T: Send + 'static>(
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Uninterrupted<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let _ = done.send(call());
    });
    Uninterrupted { result, thread: Some(thread) }
}

/// A call under way.
#[derive(Debug)]
pub struct Uninterrupted<T> {
    result: oneshot::Receiver<Result<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Future for Uninterrupted<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.result).poll(context).map(|result| {
            result.unwrap_or_else(|_| Err(Error::Engine { reason: "a call panicked".to_owned() }))
        })
    }
}

impl<T> Drop for Uninterrupted<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
