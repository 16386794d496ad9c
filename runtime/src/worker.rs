//! The worker: the process that holds the model.
//!
//! The executable starts itself again as its own worker, because whatever happens to a model (a segfault in a C++
//! library, the kernel's out-of-memory killer) must happen to a process that serves nobody else. This module owns
//! the predictor, the threads it runs on and what it prints. It knows nothing of HTTP, files to fetch or clients.
//!
//! Threads: *main* sets up and then runs predictions (so a library that is tied to a thread finds itself on one
//! thread where the concurrency is one); *reader* listens to the supervisor, where main does not do it itself (see
//! [`inlet`]); *logs* forwards what was printed;
//! more prediction threads start when a plain function is called concurrently; a tokio runtime polls
//! asynchronous predictors.

mod batch;
mod capture;
mod host;
mod inheritance;
mod inlet;
mod outlet;
mod panic;
mod pipes;
mod pool;
mod run;

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;

use crate::command::complain;
use crate::model::{Failure, Predictor, Setup};
use crate::protocol::{FromWorker, ToWorker, VERSION};
use capture::Capture;
use host::Host;
pub(crate) use inheritance::{Inheritance, hand_down};
use inlet::Inlet;
use outlet::Outlet;
pub(crate) use panic::{caught, remember as remember_panics};
pub(crate) use pipes::Pipes;
pub(crate) use run::Cancellation;

/// Lives as a worker until the supervisor hangs up. `schema` is the model's whole document.
pub(crate) fn start<P: Predictor>(concurrency: usize, schema: &Value) -> ExitCode {
    let inherited = match inheritance::take() {
        Ok(inherited) => inherited,
        Err(error) => {
            complain(&format!("`worker` is started by the server itself, not by hand ({error})"));
            return ExitCode::from(2);
        }
    };
    panic::remember();
    match work::<P>(inherited, concurrency, schema) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the worker failed to start: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn work<P: Predictor>(
    inherited: inheritance::Inherited,
    concurrency: usize,
    schema: &Value,
) -> std::io::Result<()> {
    let outlet = Arc::new(Outlet::new(inherited.reports));
    let capture = Capture::new(inherited.pipes, Arc::clone(&outlet));
    capture.watch()?;
    outlet.send(&FromWorker::Hello {
        protocol: VERSION,
        concurrency: P::BATCH.map_or(concurrency, |batch| concurrency.saturating_mul(batch.max)),
        schema: serde_json::value::to_raw_value(schema)?,
    });

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(runtime_threads(concurrency))
        .enable_all()
        .build()?;
    let pool = pool::Pool::new(concurrency);
    let host = Arc::new(Host::<P>::new(runtime.handle().clone(), Arc::clone(&capture), Arc::clone(&outlet)));
    let inlet = Arc::new(Inlet::new());
    let hear = {
        let (host, pool) = (Arc::clone(&host), Arc::clone(&pool));
        move |message| host.hear(&pool, message)
    };
    inlet.watch(inherited.orders, hear.clone())?;

    let _entered = runtime.enter();
    let (told, printed) = (Arc::clone(&outlet), Arc::clone(&capture));
    let setup = Setup {
        phases: Some(Box::new(move |name| {
            printed.settle();
            told.send(&FromWorker::Phase { name: name.to_owned() });
        })),
        ..Setup::by_environment()
    };
    let made = panic::caught(|| P::setup(&setup));
    capture.settle();
    match made {
        Ok(predictor) => {
            let health = host.adopt(predictor);
            outlet.send(&FromWorker::Ready { health });
            if concurrency == 1 && P::BATCH.is_none() {
                serve_alone(&inlet, &pool, hear);
            } else {
                pool.serve();
            }
        }
        Err(failure) => {
            let error = match failure {
                Failure::Error(text) => text,
                Failure::Canceled => "setup was cancelled".to_owned(),
            };
            outlet.send(&FromWorker::SetupFailed { error });
            inheritance::leave();
        }
    }
    Ok(())
}

/// Runs jobs on main for ever, and reads what the supervisor says in between.
fn serve_alone(inlet: &Inlet, pool: &pool::Pool, hear: impl Fn(ToWorker)) {
    inlet.idle();
    loop {
        while let Some(job) = pool.pop() {
            inlet.busy();
            job();
            inlet.idle();
        }
        let mut messages = inlet.turn();
        // What the reader heard before it stepped back comes first.
        if pool.is_empty() {
            messages.read(&hear);
        }
        inlet.put(messages);
    }
}

/// Enough threads to poll what may run at once, and never more than there are processors.
fn runtime_threads(concurrency: usize) -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(concurrency.max(2))
}
