//! The signals that ask a process to stop.

use tokio::signal::unix::{SignalKind, signal};

/// A signal that asked us to stop.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

impl Signal {
    /// 128 and the signal's number, as shells have it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Waits for a signal. If none can be heard, only the process's end will stop it.
pub async fn asked_to_stop() -> Signal {
    tokio::select! {
        () = heard(SignalKind::interrupt()) => Signal::Interrupt,
        () = heard(SignalKind::terminate()) => Signal::Terminate,
        () = heard(SignalKind::hangup()) => Signal::HangUp,
    }
}

async fn heard(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => std::future::pending().await,
    }
}
