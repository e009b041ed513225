//! What the documents need of Image Builder's quotas, against what the account has.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::plan::quota::{self, Limit};
use goldsmith_domain::review::AccountQuotas;

use super::model::Check;

/// What raises a quota.
const PAGE: &str = "docs/deploy.md#quotas-to-ask-for";

/// What the documents need at least, beside all else that the account has. A plan knows that, too.
fn needs(desired: &Desired) -> [(Limit, usize); 4] {
    let recipes = desired.recipes.len();
    let shared = desired.build_components.len()
        + desired.test_components.len()
        + usize::from(desired.compliance.is_some())
        + usize::from(desired.compliance_scan.is_some());
    let own = desired.recipes.iter().map(|entry| entry.components.len());
    [
        (quota::PIPELINES, recipes),
        (quota::RECIPES, recipes),
        (quota::DISTRIBUTIONS, recipes),
        (
            quota::COMPONENTS_OF_A_RECIPE,
            shared + own.max().unwrap_or(0),
        ),
    ]
}

/// The check; `account` is empty where Service Quotas was not read. Then what the documents say counts, or else
/// AWS's defaults, and nothing is sure.
pub fn check(desired: &Desired, account: &AccountQuotas) -> Check {
    let limit = |quota: Limit| {
        let own = account.get(quota.name).or(desired.quotas.get(quota.key));
        own.copied().unwrap_or(quota.limit)
    };
    let needs = needs(desired).map(|(quota, needed)| (quota.name, needed, limit(quota)));
    let whose = if account.is_empty() {
        "Service Quotas was not read; by the documents and AWS's defaults, "
    } else {
        ""
    };
    let told = |(name, needed, limit): &(&str, usize, usize)| format!("{needed} of {limit} {name}");
    let beyond: Vec<String> = needs
        .iter()
        .filter(|(_, needed, limit)| needed > limit)
        .map(told)
        .collect();
    let found = |told: &[String]| format!("{whose}the documents need {}", told.join(", "));
    match (beyond.is_empty(), account.is_empty()) {
        (true, _) => Check::ok("quotas", found(&needs.iter().map(told).collect::<Vec<_>>())),
        (false, true) => Check::warning("quotas", found(&beyond), PAGE),
        (false, false) => Check::failed("quotas", found(&beyond), PAGE),
    }
}
