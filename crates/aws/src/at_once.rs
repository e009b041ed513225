//! Calls that do not wait for each other.

use std::future::Future;

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};

/// How many calls of one kind run at once. Eight read a hundred AMIs in a few seconds. EC2 gives an account 20 such
/// calls a second, which it shares with everything else there (EC2 developer guide, "Request throttling"); what
/// Image Builder gives is not documented. The SDK's retries slow eight down to what is left.
pub(crate) const MOST_AT_ONCE: usize = 8;

/// What `read` makes of each of `items`, in their order, where none of them can fail.
pub(crate) async fn each<I, T, F>(items: I, read: impl FnMut(I::Item) -> F) -> Vec<T>
where
    I: IntoIterator,
    F: Future<Output = T>,
{
    let reads: Vec<F> = items.into_iter().map(read).collect();
    iter(reads).buffered(MOST_AT_ONCE).collect().await
}

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
