//! Calls that do not wait for each other.

use std::future::Future;

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};

/// How many calls of one kind run at once. Image Builder and EC2 give an account some 20 calls a second of an
/// operation, which it shares with everything else there (EC2 developer guide, "Request throttling"): eight at
/// 50 ms each would be 160 a second, and the SDK's retries slow them down to what is left. More gain little.
pub(crate) const MOST_AT_ONCE: usize = 8;

/// What `read` makes of each of `items`, in their order.
///
/// Errors: the first one; what runs beside it is given up.
pub(crate) fn read_each<I, T, E, F>(
    items: I,
    read: impl FnMut(I::Item) -> F,
) -> impl Future<Output = Result<Vec<T>, E>>
where
    I: IntoIterator,
    F: Future<Output = Result<T, E>>,
{
    // Nothing runs before it is polled.
    let reads: Vec<F> = items.into_iter().map(read).collect();
    iter(reads).buffered(MOST_AT_ONCE).try_collect()
}
