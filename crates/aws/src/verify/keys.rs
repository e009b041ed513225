//! Reads our keys' policies and all grants on them, and asks IAM what the consumers' roles may do with them.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sdk_kms::Client;
use aws_sdk_kms::types::GrantListEntry;
use goldsmith_domain::names::{KeyArn, RoleArn};
use goldsmith_domain::verify::{Attempt, Grant, LAUNCH_ACTIONS, SeenKey};

use super::known;
use crate::fault::{CallError, Cause, Fault, chain};
use crate::{Aws, key_policy};

/// Who may ask for a simulation.
const SIMULATES: &str =
    "the verify role that infra/consumer-account.yaml makes may ask what the account's roles may";

/// What a key of ours says.
pub(super) async fn read(aws: &Aws, key: &KeyArn) -> (KeyArn, SeenKey) {
    let policy = known(key_policy::read(aws, key).await);
    let grants = known(grants(&aws.kms_of(key), key).await);
    (key.clone(), SeenKey { policy, grants })
}

async fn grants(kms: &Client, key: &KeyArn) -> Result<Vec<Grant>, CallError> {
    let call = kms
        .list_grants()
        .key_id(key.as_str())
        .into_paginator()
        .items();
    let mut pages = call.send();
    let mut grants = Vec::new();
    while let Some(entry) = pages.next().await {
        grants.extend(grant(
            entry.map_err(|error| CallError::new("kms:ListGrants", error))?,
        ));
    }
    Ok(grants)
}

/// A grant; none if it has no grantee, like the grants that services make for themselves.
fn grant(entry: GrantListEntry) -> Option<Grant> {
    let operations = entry.operations.unwrap_or_default();
    let operations: BTreeSet<String> = operations
        .iter()
        .map(|one| one.as_str().to_owned())
        .collect();
    Some(Grant {
        grantee: entry.grantee_principal?,
        operations,
        is_constrained: entry.constraints.is_some(),
    })
}

/// Whether a role's own policies let it launch with a key, by IAM's simulation of them. Nobody can try the
/// key: its policy lets consumers in only through EC2, and EC2's dry runs say nothing of keys.
pub(super) async fn simulate(
    aws: &Aws,
    credentials: Credentials,
    role: &RoleArn,
    key: &KeyArn,
) -> Attempt {
    let iam = aws.iam_as(credentials);
    match iam.not_allowed(role, key, &LAUNCH_ACTIONS).await {
        Ok(missing) if missing.is_empty() => Attempt::Succeeds,
        Ok(missing) => Attempt::Refused {
            code: "NotAllowed".to_owned(),
            message: format!("its policies do not allow {}", missing.join(", ")),
        },
        Err(error) if error.fault == Fault::Denied => {
            Attempt::NotMade(format!("{}; {SIMULATES}", chain(&error)))
        }
        Err(error) => attempted::<()>(Err(error)),
    }
}

/// What came of an attempt; services say by an error that a dry run would have succeeded.
pub(super) fn attempted<T>(answer: Result<T, CallError>) -> Attempt {
    let Err(error) = answer else {
        return Attempt::Succeeds;
    };
    match (error.code(), &error.source) {
        (Some("DryRunOperation" | "DryRunOperationException"), _) => Attempt::Succeeds,
        (_, Cause::Service { code, message, .. }) if !error.fault.is_temporary() => {
            Attempt::Refused {
                code: code.clone().unwrap_or_default(),
                message: message.clone().unwrap_or_default(),
            }
        }
        _ => Attempt::NotMade(chain(&error)),
    }
}
