//! What the digest of a distribution configuration is taken of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::{self, DigestInput};
use crate::names::{AccountId, Digest, KeyArn, OrganizationArn, Region};
use crate::resources::{Distribution, RegionDistribution};
use crate::sharing::Sharing;

/// Version 1 of a distribution configuration.
#[derive(Serialize)]
struct DistributionDigestV1<'a> {
    #[serde(rename = "name")]
    name: &'a str,
    #[serde(rename = "regions")]
    regions: BTreeMap<&'a str, RegionDigestV1<'a>>,
}

#[derive(Serialize)]
struct RegionDigestV1<'a> {
    #[serde(rename = "ami_name")]
    ami_name: &'a str,
    #[serde(rename = "ami_tags")]
    ami_tags: &'a BTreeMap<String, String>,
    #[serde(rename = "kms_key")]
    kms_key: Option<&'a str>,
    #[serde(rename = "shared_with")]
    shared_with: SharingDigestV1<'a>,
    #[serde(rename = "copied_to")]
    copied_to: BTreeSet<&'a str>,
    #[serde(rename = "parameters")]
    parameters: &'a BTreeSet<String>,
    #[serde(rename = "launch_templates")]
    launch_templates: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct SharingDigestV1<'a> {
    #[serde(rename = "accounts")]
    accounts: BTreeSet<&'a str>,
    #[serde(rename = "organizations")]
    organizations: BTreeSet<&'a str>,
    #[serde(rename = "everybody")]
    everybody: bool,
}

impl DigestInput for DistributionDigestV1<'_> {}

impl<'a> From<&'a Distribution> for DistributionDigestV1<'a> {
    fn from(content: &'a Distribution) -> Self {
        let Distribution { name, regions } = content;
        let region = |(region, entry): (&'a Region, &'a RegionDistribution)| {
            (region.as_str(), RegionDigestV1::from(entry))
        };
        Self {
            name,
            regions: regions.iter().map(region).collect(),
        }
    }
}

impl<'a> From<&'a RegionDistribution> for RegionDigestV1<'a> {
    fn from(entry: &'a RegionDistribution) -> Self {
        let RegionDistribution {
            ami_name,
            ami_tags,
            kms_key,
            shared_with,
            copied_to,
            parameters,
            launch_templates,
        } = entry;
        Self {
            ami_name,
            ami_tags,
            kms_key: kms_key.as_ref().map(KeyArn::as_str),
            shared_with: shared_with.into(),
            copied_to: copied_to.iter().map(AccountId::as_str).collect(),
            parameters,
            launch_templates,
        }
    }
}

impl<'a> From<&'a Sharing> for SharingDigestV1<'a> {
    fn from(sharing: &'a Sharing) -> Self {
        let Sharing {
            accounts,
            organizations,
            everybody,
        } = sharing;
        Self {
            accounts: accounts.iter().map(AccountId::as_str).collect(),
            organizations: organizations.iter().map(OrganizationArn::as_str).collect(),
            everybody: *everybody,
        }
    }
}

impl Distribution {
    /// The digest of its content.
    pub fn digest(&self) -> Digest {
        digest::of(&DistributionDigestV1::from(self))
    }

    /// The text that the digest is taken of.
    pub fn digest_input(&self) -> String {
        DistributionDigestV1::from(self).text()
    }
}
