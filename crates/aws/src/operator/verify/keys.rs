//! Reads our keys' policies and all grants on them, and tries the keys with other credentials.

use std::collections::BTreeSet;
use std::future::Future;

use aws_credential_types::Credentials;
use aws_sdk_kms::Client;
use aws_sdk_kms::types::{DataKeySpec, GrantListEntry};
use goldsmith_domain::names::KeyArn;
use goldsmith_domain::verify::{Attempt, Grant, SeenKey};

use super::known;
use crate::fault::{CallError, Cause, chain};
use crate::{Aws, key_policy};

/// What a key of ours says.
pub(super) fn read(aws: &Aws, key: &KeyArn) -> impl Future<Output = (KeyArn, SeenKey)> + use<> {
    let (aws, key) = (aws.clone(), key.clone());
    async move {
        let policy = known(key_policy::read(&aws, &key).await);
        let grants = known(grants(&aws.kms_of(&key), &key).await);
        (key, SeenKey { policy, grants })
    }
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

/// Whether a key can be used with `credentials`: a dry run of what EC2 does first for a new volume, which
/// asks for nothing that only the key could give (KMS API reference, `GenerateDataKeyWithoutPlaintext`).
/// A grant cannot be tried: a grant made by hand is never for an AWS resource.
pub(super) async fn try_out(aws: &Aws, credentials: Credentials, key: &KeyArn) -> Attempt {
    let Some(region) = key.region() else {
        return Attempt::NotMade(format!("{key} names no Region"));
    };
    let call = aws
        .kms_as(credentials, &region)
        .generate_data_key_without_plaintext();
    let answer = call
        .key_id(key.as_str())
        .key_spec(DataKeySpec::Aes256)
        .dry_run(true)
        .send()
        .await;
    attempted(answer.map_err(|error| CallError::new("kms:GenerateDataKeyWithoutPlaintext", error)))
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
