//! The memory that the bodies of all requests may take together while they come in and are read.

use std::sync::atomic::{AtomicUsize, Ordering};

/// In bytes.
const MOST: usize = 1 << 30;

/// What all of them take now.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// What one of them takes; given back when dropped.
#[derive(Default)]
pub(super) struct Share(usize);

impl Share {
    /// Takes so much more; false if that is not left.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let taken = TAKEN.fetch_add(bytes, Ordering::Relaxed);
        self.0 += bytes;
        taken + bytes <= MOST
    }

    /// Takes nothing any more.
    pub(super) fn give_back(&mut self) {
        TAKEN.fetch_sub(std::mem::take(&mut self.0), Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_gives_back_another_may_take() {
        let (mut one, mut other) = (Share::default(), Share::default());
        assert!(one.grow(MOST - 1));
        assert!(!other.grow(2));
        drop(one);
        other.give_back();
        assert!(other.grow(MOST));
    }
}
