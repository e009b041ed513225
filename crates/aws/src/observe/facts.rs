//! Asks for the facts that a plan is checked against, in batches.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState as State, KeyUsageType};
use goldsmith_domain::names::{KeyArn, Region};
use goldsmith_domain::observed::{Facts, KeyState, RegionState, Subject, SubnetState};
use goldsmith_domain::plan::FactRequirements;

use super::unread::{self, Read};
use crate::Aws;
use crate::fault::{CallError, Fault};

/// The facts that are required; without a requirement, no call is made. What is asked of each service
/// in one call is not told apart: if it is refused, all of it is unread.
pub(super) async fn read(aws: &Aws, required: &FactRequirements) -> Result<Read<Facts>, CallError> {
    let (types, regions, subnets, keys, profiles) = tokio::join!(
        instance_types(aws, &required.instance_types),
        regions(aws, &required.regions),
        subnet(aws, required.subnet.as_deref()),
        keys(aws, &required.keys),
        instance_profile(aws, required.instance_profile.as_deref())
    );
    let (types, regions) = (
        unread::read(Subject::InstanceTypes, types)?,
        unread::read(Subject::Regions, regions)?,
    );
    let (subnets, profiles) = (subnets?, profiles?);
    let mut unread = Vec::new();
    let value = Facts {
        instance_types: types.into(&mut unread),
        keys: keys?,
        regions: regions.into(&mut unread),
        subnets: subnets.into(&mut unread),
        instance_profiles: profiles.into(&mut unread),
    };
    Ok(Read { value, unread })
}

async fn instance_types(
    aws: &Aws,
    asked: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, CallError> {
    let mut found = aws.ec2.instance_types(asked).await?;
    Ok(asked
        .iter()
        .map(|name| (name.clone(), found.remove(name).unwrap_or_default()))
        .collect())
}

async fn regions(
    aws: &Aws,
    asked: &BTreeSet<Region>,
) -> Result<BTreeMap<Region, RegionState>, CallError> {
    let found = aws.ec2.regions(asked).await?;
    let state = |region: &Region| match found.get(region).map(String::as_str) {
        None => RegionState::Unknown,
        Some("not-opted-in") => RegionState::NotOptedIn,
        Some(_) => RegionState::Enabled,
    };
    Ok(asked
        .iter()
        .map(|region| (region.clone(), state(region)))
        .collect())
}

/// The role of the instance profile, if there is one.
async fn instance_profile(
    aws: &Aws,
    profile: Option<&str>,
) -> Result<Read<BTreeMap<String, Option<String>>>, CallError> {
    let Some(profile) = profile else {
        return Ok(Read::default());
    };
    let found = match aws.iam.profile_roles(profile).await {
        Ok(roles) => Ok([(profile.to_owned(), roles.into_iter().next())].into()),
        Err(error) if error.fault == Fault::NotFound => Ok([(profile.to_owned(), None)].into()),
        Err(error) => Err(error),
    };
    unread::read(Subject::InstanceProfile(profile.to_owned()), found)
}

/// The state of the subnet, if there is one.
async fn subnet(
    aws: &Aws,
    subnet: Option<&str>,
) -> Result<Read<BTreeMap<String, SubnetState>>, CallError> {
    let Some(subnet) = subnet else {
        return Ok(Read::default());
    };
    let found = subnets(aws, subnet).await;
    unread::read(Subject::Subnet(subnet.to_owned()), found)
}

async fn subnets(aws: &Aws, subnet: &str) -> Result<BTreeMap<String, SubnetState>, CallError> {
    let found = aws.ec2.subnet(subnet).await?;
    let state = found.map_or(SubnetState::Missing, |public_ip| SubnetState::Found {
        public_ip,
    });
    Ok([(subnet.to_owned(), state)].into())
}

async fn keys(
    aws: &Aws,
    asked: &BTreeSet<KeyArn>,
) -> Result<BTreeMap<KeyArn, KeyState>, CallError> {
    let mut states = BTreeMap::new();
    for key in asked {
        states.insert(key.clone(), key_state(aws, key).await?);
    }
    Ok(states)
}

async fn key_state(aws: &Aws, key: &KeyArn) -> Result<KeyState, CallError> {
    let answer = aws
        .kms_of(key)
        .describe_key()
        .key_id(key.as_str())
        .send()
        .await;
    let answer = answer.map_err(|error| CallError::new("kms:DescribeKey", error));
    match answer.map(|answer| answer.key_metadata) {
        Ok(Some(metadata)) => Ok(state(&metadata)),
        Ok(None) => Ok(KeyState::Unreadable("no KeyMetadata".to_owned())),
        Err(error) if error.fault == Fault::NotFound => Ok(KeyState::Missing),
        Err(error) => unread::code(error).map(KeyState::Unreadable),
    }
}

/// What KMS says of a key (API reference, `KeyMetadata`).
fn state(metadata: &KeyMetadata) -> KeyState {
    let unsuitable = |what: &str| KeyState::Unsuitable(format!("a key of the kind {what}"));
    match (
        metadata.key_state(),
        metadata.key_usage(),
        metadata.key_spec(),
    ) {
        (Some(state), _, _) if *state != State::Enabled => {
            KeyState::Unusable(state.as_str().to_owned())
        }
        _ if metadata.key_manager() == Some(&KeyManagerType::Aws) => KeyState::AwsManaged,
        (_, Some(usage), _) if *usage != KeyUsageType::EncryptDecrypt => unsuitable(usage.as_str()),
        (_, _, Some(spec)) if *spec != KeySpec::SymmetricDefault => unsuitable(spec.as_str()),
        _ => KeyState::Usable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> aws_sdk_kms::types::builders::KeyMetadataBuilder {
        KeyMetadata::builder()
            .key_id("k")
            .key_state(State::Enabled)
            .key_manager(KeyManagerType::Customer)
            .key_usage(KeyUsageType::EncryptDecrypt)
            .key_spec(KeySpec::SymmetricDefault)
    }

    #[test]
    fn only_an_enabled_symmetric_key_of_the_customer_is_usable() {
        let of = |builder: aws_sdk_kms::types::builders::KeyMetadataBuilder| {
            state(&builder.build().unwrap())
        };
        assert_eq!(of(metadata()), KeyState::Usable);
        let pending = metadata().key_state(State::PendingDeletion);
        assert_eq!(
            of(pending),
            KeyState::Unusable("PendingDeletion".to_owned())
        );
        assert_eq!(
            of(metadata().key_manager(KeyManagerType::Aws)),
            KeyState::AwsManaged
        );
        let asymmetric = metadata().key_spec(KeySpec::Rsa4096);
        assert_eq!(
            of(asymmetric),
            KeyState::Unsuitable("a key of the kind RSA_4096".to_owned())
        );
        let signs = metadata().key_usage(KeyUsageType::SignVerify);
        assert_eq!(
            of(signs),
            KeyState::Unsuitable("a key of the kind SIGN_VERIFY".to_owned())
        );
    }
}
