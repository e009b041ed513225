//! What the digests of contents are taken of: stored formats, see [`digest`](crate::digest).

mod distribution;
mod infrastructure;
mod recipe;

pub(super) use self::distribution::DistributionDigestV1;
pub(super) use self::infrastructure::InfrastructureDigestV1;
pub(super) use self::recipe::RecipeDigestV1;
