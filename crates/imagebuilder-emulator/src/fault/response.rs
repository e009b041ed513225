//! Marks on responses that a fault delays or loses.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

/// Marks, as an extension, a response that a fault has lost after the commit. `Emulator::serve`
/// closes the connection instead of sending it. A caller of
/// [`Emulator::handle`](crate::Emulator::handle) in process should do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseDropped;

impl ResponseDropped {
    /// For callers that do not look at extensions it is an empty 502.
    pub(crate) fn response() -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response.extensions_mut().insert(Self);
        response
    }
}

/// Marks, as an extension, a response that is to come so much later. Nothing is locked meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stalled(pub Duration);
