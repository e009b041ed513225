//! The schema of `workload_accounts.<region>.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::names::AccountId;

/// Accounts that may launch the images in one Region, under names of your own.
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
    /// The VPC that it launches in; not used here.
    vpc_id: Option<String>,
    /// The subnet that it launches in; not used here.
    subnet_id: Option<String>,
    /// The security group that it launches with; not used here.
    sg_id: Option<String>,
    /// Who answers for it; not used here.
    owner: Option<String>,
}
