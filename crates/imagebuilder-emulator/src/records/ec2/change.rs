//! Changes of AMIs that EC2 has yet to announce.

use serde::{Deserialize, Serialize};

/// A change that is not announced yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AmiChanged {
    pub id: String,
    pub owner: String,
    pub region: String,
    /// `available`, `disabled` or `deregistered`
    pub state: String,
}
