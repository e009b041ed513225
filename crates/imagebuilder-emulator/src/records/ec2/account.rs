//! Accounts: the organization, opted-in Regions and settings.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// An account that differs from an account without organization, with default settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Its place, as IAM's `aws:PrincipalOrgPaths` has it: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
    pub path: Option<String>,
    /// The Regions that it has opted in to, of those that need it.
    pub opted_in: BTreeSet<String>,
    /// The Marketplace product codes that it is subscribed to.
    #[serde(default)]
    pub subscriptions: BTreeSet<String>,
    /// The Regions in which none of its AMIs can be made public.
    pub blocks_public_access: BTreeSet<String>,
}
