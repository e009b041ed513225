//! Tags of resources.

use crate::common::{small_map::SmallMap, text::Text};

/// Tags of a resource.
pub(crate) type Tags = SmallMap<Text>;

/// Tags by the account that made them: also on a shared AMI each account sees its own only.
pub(crate) type OwnedTags = SmallMap<Tags>;
