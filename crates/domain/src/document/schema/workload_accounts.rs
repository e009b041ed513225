//! The schema of `workload_accounts.<region>.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::names::AccountId;

/// Accounts that may launch the images in one Region. Each has a name that you choose. `workload-accounts`
/// of environment.json says how they are served. An account's entry in `consumers` says which of its roles
/// launch; without one, every principal may.
#[derive(JsonSchema)]
#[schemars(title = "workload_accounts.<region>.json")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct WorkloadAccounts {
    /// Where the JSON Schema is. Editors read it to complete and check the document.
    #[schemars(rename = "$schema", extend("examples" = ["../schema/workload-accounts.schema.json"]))]
    schema: Option<String>,
    #[schemars(flatten)]
    accounts: BTreeMap<String, WorkloadAccount>,
}

/// An account, and where it launches. Other members are yours, and have no effect.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct WorkloadAccount {
    /// The account.
    #[schemars(extend("examples" = ["333333333333"]))]
    account_id: AccountId,
    /// The VPC that it launches in. It has no effect, because the subnet decides.
    #[schemars(extend("examples" = ["vpc-0181557b"]))]
    vpc_id: Option<String>,
    /// The subnet where `goldsmith verify` tries a launch. A value that is no subnet id is ignored.
    #[schemars(extend("examples" = ["subnet-0a1b2c3d"]))]
    subnet_id: Option<String>,
    /// The security group of that launch. A value that is no security group id is ignored.
    #[schemars(extend("examples" = ["sg-0a1b2c3d"]))]
    sg_id: Option<String>,
    /// The person or team that answers for the account. It has no effect.
    #[schemars(extend("examples" = ["bi-team"]))]
    owner: Option<String>,
}
