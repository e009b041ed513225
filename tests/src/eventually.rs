//! The one place that waits.

use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// Waits until `condition` holds, and fails if that takes longer than `patience`.
pub async fn eventually(what: &str, patience: Duration, condition: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(
            started.elapsed() < patience,
            "after {} s still waiting until {what}",
            patience.as_secs()
        );
        tokio::time::sleep(POLL).await;
    }
}
