//! Quotas of Image Builder (AWS General Reference, "EC2 Image Builder endpoints and quotas"): the
//! default ones, each of which an account may have raised. None of them decides anything: AWS does.

/// A quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its key below `quotas` in environment.json.
    pub key: &'static str,
    /// What it limits, as Service Quotas names it but for capitals.
    pub name: &'static str,
    /// The most, by default.
    pub limit: usize,
    /// Whether there is room again without anybody's doing: builds end.
    pub empties_by_itself: bool,
}

const fn lasting(key: &'static str, name: &'static str, limit: usize) -> Limit {
    Limit {
        key,
        name,
        limit,
        empties_by_itself: false,
    }
}

/// Pipelines of an account in a Region.
pub const PIPELINES: Limit = lasting("image-pipelines", "image pipelines", 75);
/// Recipe versions of an account in a Region.
pub const RECIPES: Limit = lasting("image-recipes", "image recipes", 1_000);
/// Components of an account in a Region.
pub const COMPONENTS: Limit = lasting("components", "components", 1_000);
/// Infrastructure configurations of an account in a Region.
pub const INFRASTRUCTURE: Limit = lasting(
    "infrastructure-configurations",
    "infrastructure configurations",
    1_000,
);
/// Distribution configurations of an account in a Region.
pub const DISTRIBUTIONS: Limit = lasting(
    "distribution-configurations",
    "distribution configurations",
    1_000,
);
/// Builds of an account in a Region at the same time.
pub const BUILDS: Limit = Limit {
    key: "concurrent-builds",
    name: "concurrent builds",
    limit: 100,
    empties_by_itself: true,
};
/// Components of one recipe version.
pub const COMPONENTS_OF_A_RECIPE: Limit =
    lasting("components-of-a-recipe", "components of a recipe", 20);

/// All of them.
pub const ALL: [Limit; 7] = [
    PIPELINES,
    RECIPES,
    COMPONENTS,
    INFRASTRUCTURE,
    DISTRIBUTIONS,
    BUILDS,
    COMPONENTS_OF_A_RECIPE,
];
