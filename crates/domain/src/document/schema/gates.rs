//! The schema of what has to hold before an image is published: `image-scan`, `gates` and `promotion` of
//! `environment.json`.

use schemars::JsonSchema;

/// How Amazon Inspector scans each image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", extend("dependentRequired" = { "only-with-fix": ["highest-severity"] }))]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct ImageScan {
    /// What is scanned. `test-instance` needs Amazon Inspector for EC2 in the account. Its findings are shown by
    /// `goldsmith results`. `ami` needs nothing. The console of EC2 shows its findings.
    #[schemars(extend("examples" = ["test-instance"]))]
    r#type: ScanType,
    /// The most severe finding that Image Builder accepts. An AMI with a worse one fails its build, and no waiver
    /// helps. Only for `ami`. Without it no finding fails the build.
    #[schemars(extend("examples" = ["high"]))]
    highest_severity: Option<HighestSeverity>,
    /// Whether only findings that have a fix count. Without it every finding counts.
    #[schemars(extend("default" = false, "examples" = [true]))]
    only_with_fix: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum ScanType {
    TestInstance,
    Ami,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum HighestSeverity {
    Info,
    Low,
    Medium,
    High,
}

/// What results an image may have.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct Gates {
    /// How many controls may fail. A waived control does not count.
    #[schemars(extend("examples" = [{ "critical": 0, "high": 0, "medium": 10 }]))]
    failed_controls: Option<FailedControls>,
    /// How many findings the scan of an image may have. A waived finding does not count. It needs `image-scan` of the
    /// `test-instance`.
    #[schemars(extend("examples" = [{ "critical": 0, "high": 5, "only-with-fix": true }]))]
    findings: Option<Findings>,
}

/// How many findings of each severity an image may have. A severity without a number has no limit.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", extend("anyOf" = [
    { "required": ["critical"] }, { "required": ["high"] }, { "required": ["medium"] }, { "required": ["low"] },
    { "required": ["info"] }, { "required": ["unknown"] }
]))]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Findings {
    /// Score from 9.0 on.
    #[schemars(range(max = 100_000), extend("examples" = [0]))]
    critical: Option<u32>,
    /// Score from 7.0 on.
    #[schemars(range(max = 100_000), extend("examples" = [0]))]
    high: Option<u32>,
    /// Score from 4.0 on.
    #[schemars(range(max = 100_000), extend("examples" = [20]))]
    medium: Option<u32>,
    /// Score from 0.1 on.
    #[schemars(range(max = 100_000), extend("examples" = [100]))]
    low: Option<u32>,
    /// For information only.
    #[schemars(range(max = 100_000), extend("examples" = [100]))]
    info: Option<u32>,
    /// Nobody has assessed it yet.
    #[schemars(range(max = 100_000), extend("examples" = [10]))]
    unknown: Option<u32>,
    /// Whether only findings that have a fix count. Without it every finding counts.
    #[schemars(extend("default" = false, "examples" = [true]))]
    only_with_fix: Option<bool>,
}

/// How many controls of each severity may fail. A severity without a number has no limit.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", extend("minProperties" = 1))]
#[expect(dead_code, reason = "the type is there for its schema")]
struct FailedControls {
    /// Impact from 0.9 on. XCCDF does not have it.
    #[schemars(range(max = 100_000), extend("examples" = [0]))]
    critical: Option<u32>,
    /// Category I of a STIG, or impact from 0.7 on.
    #[schemars(range(max = 100_000), extend("examples" = [0]))]
    high: Option<u32>,
    /// Category II of a STIG, or impact from 0.4 on.
    #[schemars(range(max = 100_000), extend("examples" = [10]))]
    medium: Option<u32>,
    /// Category III of a STIG, or impact from 0.01 on.
    #[schemars(range(max = 100_000), extend("examples" = [50]))]
    low: Option<u32>,
    /// For information only, or impact 0.
    #[schemars(range(max = 100_000), extend("examples" = [100]))]
    info: Option<u32>,
    /// The profile does not say.
    #[schemars(range(max = 100_000), extend("examples" = [0]))]
    unknown: Option<u32>,
}

/// What has to be proved before an image is published.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct Promotion {
    /// How many accounts have to be able to use the image. `verify.unknown-blocks` says whether an account that could
    /// not be asked counts as unable.
    #[schemars(extend("examples" = ["all", { "share-of-accounts": 0.9 }]))]
    require: Require,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the type is there for its schema")]
enum Require {
    /// Every account.
    Word(RequireAll),
    /// A share of them.
    Quorum(Quorum),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "the type is there for its schema")]
enum RequireAll {
    All,
}

/// A share of the accounts. The others are left out, and are named.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the type is there for its schema")]
struct Quorum {
    /// The share of the accounts, above 0 and up to 1, with at most three decimals. The number of accounts is rounded up.
    #[schemars(range(min = 0.001, max = 1.0), extend("examples" = [0.9]))]
    share_of_accounts: f64,
}
