//! Work on many things, on all processors.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does `work` for each of `items`, on all processors; the results in the same order, or the first failure. Those of the
/// largest `size` come first, so that no processor begins with one when the others are done.
///
/// # Errors
/// As for `work`. What is not begun by then is not done.
pub fn side_by_side<T: Sync, R: Send, E: Send>(
    items: &[T],
    size: impl Fn(&T) -> u64,
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|number| std::cmp::Reverse(size(&items[*number])));
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let run = || {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let Some(number) = order.get(next.fetch_add(1, Ordering::Relaxed)).copied() else { break };
            let result = work(&items[number]);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((number, result));
        }
        done
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_and_a_failure_ends_the_work() {
        let halved = |limit: u64| {
            let half = move |item: &u64| if *item < limit { Ok(item / 2) } else { Err(*item) };
            side_by_side(&[4, 8, 2, 6], |item| *item, half)
        };
        assert_eq!(halved(9), Ok(vec![2, 4, 1, 3]));
        assert_eq!(halved(8), Err(8));
        assert_eq!(side_by_side(&[], |_: &u64| 0, |_| Ok::<_, ()>(())), Ok(vec![]));
    }
}
