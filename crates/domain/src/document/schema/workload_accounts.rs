//! The schema of `workload_accounts.<region>.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::names::AccountId;

/// Accounts that may launch the images in one Region, under names of your own. environment.json says how
/// they are served (`workload-accounts`), and which roles of an account launch (its entry in `consumers`;
/// without one, every principal of the account may).
#[derive(JsonSchema)]
#[schemars(title = "workload_accounts.<region>.json")]
#[expect(dead_code, reason = "the type is there for its schema")]
pub(super) struct WorkloadAccounts {
    /// Where this schema is, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    #[schemars(flatten)]
    accounts: BTreeMap<String, WorkloadAccount>,
}

/// An account, and where it launches; further keys are yours.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the type is there for its schema")]
struct WorkloadAccount {
    /// The account.
    account_id: AccountId,
    /// The VPC that it launches in; not used here, the subnet says it.
    vpc_id: Option<String>,
    /// The subnet that it launches in, where a launch is tried; what is no id of a subnet is left out.
    subnet_id: Option<String>,
    /// The security group that it launches with, likewise.
    sg_id: Option<String>,
    /// Who answers for it; not used here.
    owner: Option<String>,
}
