//! Shows each call of AWS to a person who asked for it, with the time that it took.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCall {
    /// What was called, as `service:Operation`.
    pub operation: String,
    /// How long it took, with all its attempts.
    pub took: Duration,
    /// Whether AWS did what it was asked for.
    pub succeeded: bool,
}

/// Who sees the calls of this process; nobody unless a person asks.
static SEEN_BY: OnceLock<fn(&ShownCall)> = OnceLock::new();

/// Has each call of this process shown from now on. The first one who asks sees them.
pub fn show_calls(show: fn(&ShownCall)) {
    SEEN_BY.get_or_init(|| show);
}

/// When a call began.
#[derive(Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

pub(super) fn begins(cfg: &mut ConfigBag) {
    if SEEN_BY.get().is_some() {
        cfg.interceptor_state().store_put(Began(Instant::now()));
    }
}

pub(super) fn ended(cfg: &ConfigBag, succeeded: bool) {
    let (Some(show), Some(Began(began)), Some(metadata)) =
        (SEEN_BY.get(), cfg.load::<Began>(), cfg.load::<Metadata>())
    else {
        return;
    };
    show(&ShownCall {
        operation: super::named(metadata.service(), metadata.name()),
        took: began.elapsed(),
        succeeded,
    });
}
