//! Panics of the model, turned into failures with the words and the place of the panic.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use crate::model::Failure;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the place of each panic for [`caught`]; what is printed stays as it was.
pub(crate) fn remember() {
    let print = take_hook();
    set_hook(Box::new(move |panic| {
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let words = panic.payload_as_str().map(|words| format!(": {words}")).unwrap_or_default();
        // A thread that is being torn down has no place left to remember anything in.
        let _ending = LAST.try_with(|last| last.replace(Some(format!("panicked{place}{words}"))));
        print(panic);
    }));
}

/// Runs the model's code; a panic becomes a failure.
pub(crate) fn caught<T>(code: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|payload| {
        // Dropping what was panicked with may panic again; forgetting it leaks a few bytes at worst.
        std::mem::forget(payload);
        Err(failure())
    })
}

/// The failure that stands for the panic this thread just caught.
pub(crate) fn failure() -> Failure {
    Failure::Error(LAST.with(|last| last.take()).unwrap_or_else(|| "panicked".to_owned()))
}
