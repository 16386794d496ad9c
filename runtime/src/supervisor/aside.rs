//! Work on a thread of its own with a small runtime of its own: neither TLS nor a slow disk is felt by anybody else.

use tokio::sync::oneshot;

/// Work under way; dropping it stops that.
pub(super) struct Aside {
    _stop: oneshot::Sender<()>,
}

/// Does the work and then calls `done`, unless dropped before.
pub(super) fn start<T: 'static>(
    work: impl AsyncFnOnce() -> Result<T, String> + Send + 'static,
    done: impl FnOnce(Result<T, String>) + Send + 'static,
) -> Aside {
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = move || {
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
    };
    // Without a thread, `done` is dropped: the pool's queue is the only place left.
    tokio::task::spawn_blocking(thread);
    Aside { _stop: stop }
}
