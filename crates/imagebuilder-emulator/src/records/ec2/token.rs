//! The first use of a client token.

use serde::{Deserialize, Serialize};

/// The first use of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FirstUse {
    pub parameters: String,
    pub id: String,
}
