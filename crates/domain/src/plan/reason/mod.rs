//! Why something is not done: typed reasons, each with the sentence a person reads.

mod blocked;
mod refused;
mod waiting;

pub(in crate::plan) use self::blocked::Blocked;
pub use self::refused::Refused;
pub use self::waiting::Waiting;
