//! Why something is not done: typed reasons, each with the sentence a person reads.

mod refused;
mod waiting;

pub use self::refused::Refused;
pub use self::waiting::Waiting;
