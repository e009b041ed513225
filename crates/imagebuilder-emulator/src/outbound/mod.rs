//! Calls of the emulator to another AWS endpoint: events, access keys, documents in S3.
//!
//! Without the feature `server` there is no endpoint, and the crate has no HTTP client.

#[cfg(feature = "server")]
mod accounts;
#[cfg(feature = "server")]
mod connected;
#[cfg(feature = "server")]
pub(crate) mod delivery;
#[cfg(not(feature = "server"))]
mod disconnected;
#[cfg(feature = "server")]
mod documents;
#[cfg(feature = "server")]
mod endpoint;
#[cfg(feature = "server")]
mod target;

#[cfg(feature = "server")]
pub(crate) use self::connected::Outbound;
#[cfg(not(feature = "server"))]
pub(crate) use self::disconnected::Outbound;
