//! Work on a thread of its own: neither TLS, nor a slow disk, nor a great deal of data is felt by anybody else. Where the
//! system has no thread left, that is told, and harms nothing else.

use std::io;
use std::sync::mpsc;

use tokio::sync::oneshot;

/// Work under way; dropping it stops that.
pub(super) struct Aside {
    _stop: oneshot::Sender<()>,
}

/// Does the work, with a small runtime of its own, and then calls `done`, unless dropped before.
pub(super) fn start<T: 'static>(
    work: impl AsyncFnOnce() -> Result<T, String> + Send + 'static,
    done: impl FnOnce(Result<T, String>) + Send + 'static,
) -> Aside {
    let (stop, stopped) = oneshot::channel::<()>();
    let started = on_a_thread((work, done), move |(work, done)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(async {
                tokio::select! {
                    result = work() => Some(result),
                    _ = stopped => None,
                }
            }),
            Err(error) => Some(Err(error.to_string())),
        };
        if let Some(result) = result {
            done(result);
        }
    });
    if let Err(((_, done), error)) = started {
        done(Err(format!("there is no thread left for it: {error}")));
    }
    Aside { _stop: stop }
}

/// Does the work and comes back with what came of it.
pub(super) async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let started = on_a_thread((work, tell), |(work, tell)| {
        let _nobody_waits = tell.send(work());
    });
    if let Err(((work, _), _)) = started {
        return Some(work());
    }
    told.await.ok()
}

/// Drops what takes its time to be dropped: there may be gigabytes of files.
pub(super) fn discard(what: impl Send + 'static) {
    let _dropped_here = on_a_thread(what, drop);
}

/// Gives the task back where there is no thread for it.
fn on_a_thread<T: Send + 'static>(
    task: T,
    act: impl FnOnce(T) + Send + 'static,
) -> Result<(), (T, io::Error)> {
    let (give, take) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().spawn(move || {
        if let Ok(task) = take.recv() {
            act(task);
        }
    });
    match thread {
        // The thread waits for it.
        Ok(_) => give.send(task).map_err(|mpsc::SendError(task)| (task, io::ErrorKind::BrokenPipe.into())),
        Err(error) => Err((task, error)),
    }
}
