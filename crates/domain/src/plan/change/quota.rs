//! Quotas of Image Builder (AWS General Reference, "EC2 Image Builder endpoints and quotas"): the
//! default ones, each of which an account may have raised.

/// A quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What it limits.
    pub name: &'static str,
    /// The most, by default.
    pub limit: usize,
    /// Whether there is room again without anybody's doing: builds end.
    pub empties_by_itself: bool,
}

/// Pipelines of an account in a Region.
pub const PIPELINES: Limit = Limit {
    name: "image pipelines",
    limit: 75,
    empties_by_itself: false,
};
/// Recipe versions of an account in a Region.
pub const RECIPES: Limit = Limit {
    name: "image recipes",
    limit: 1_000,
    empties_by_itself: false,
};
/// Components of an account in a Region.
pub const COMPONENTS: Limit = Limit {
    name: "components",
    limit: 1_000,
    empties_by_itself: false,
};
/// Infrastructure configurations of an account in a Region.
pub const INFRASTRUCTURE: Limit = Limit {
    name: "infrastructure configurations",
    limit: 1_000,
    empties_by_itself: false,
};
/// Distribution configurations of an account in a Region.
pub const DISTRIBUTIONS: Limit = Limit {
    name: "distribution configurations",
    limit: 1_000,
    empties_by_itself: false,
};
/// Builds of an account in a Region at the same time.
pub const BUILDS: Limit = Limit {
    name: "concurrent builds",
    limit: 100,
    empties_by_itself: true,
};
/// Components of one recipe version.
pub const COMPONENTS_OF_A_RECIPE: Limit = Limit {
    name: "components of a recipe",
    limit: 20,
    empties_by_itself: false,
};
