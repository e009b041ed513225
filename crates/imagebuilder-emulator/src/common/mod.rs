//! Small types and functions that every layer may use.

pub(crate) mod arn;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod date;
pub(crate) mod ec2_error;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod lookup;
pub(crate) mod options;
pub(crate) mod small_map;
pub(crate) mod store;
pub(crate) mod tags;
pub(crate) mod text;
pub(crate) mod version;
