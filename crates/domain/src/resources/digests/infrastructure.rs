//! What the digest of an infrastructure configuration is taken of.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::desired::{LogLocation, MetadataOptions};
use crate::digest::{self, DigestInput};
use crate::names::Digest;
use crate::resources::Infrastructure;

/// Version 1 of an infrastructure configuration.
#[derive(Serialize)]
struct InfrastructureDigestV1<'a> {
    #[serde(rename = "name")]
    name: &'a str,
    #[serde(rename = "instance_types")]
    instance_types: &'a [String],
    #[serde(rename = "instance_profile")]
    instance_profile: &'a str,
    #[serde(rename = "key_pair")]
    key_pair: Option<&'a str>,
    #[serde(rename = "subnet")]
    subnet: Option<&'a str>,
    #[serde(rename = "security_groups")]
    security_groups: &'a [String],
    #[serde(rename = "metadata")]
    metadata: MetadataDigestV1,
    #[serde(rename = "logs")]
    logs: Option<LogsDigestV1<'a>>,
    #[serde(rename = "terminate_on_failure")]
    terminate_on_failure: bool,
    #[serde(rename = "resource_tags")]
    resource_tags: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct MetadataDigestV1 {
    #[serde(rename = "tokens_required")]
    tokens_required: bool,
    #[serde(rename = "hop_limit")]
    hop_limit: u32,
}

#[derive(Serialize)]
struct LogsDigestV1<'a> {
    #[serde(rename = "bucket")]
    bucket: &'a str,
    #[serde(rename = "prefix")]
    prefix: &'a str,
}

impl DigestInput for InfrastructureDigestV1<'_> {}

impl<'a> From<&'a Infrastructure> for InfrastructureDigestV1<'a> {
    fn from(content: &'a Infrastructure) -> Self {
        let Infrastructure {
            name,
            instance_types,
            instance_profile,
            key_pair,
            subnet,
            security_groups,
            metadata,
            logs,
            terminate_on_failure,
            resource_tags,
        } = content;
        Self {
            name,
            instance_types,
            instance_profile,
            key_pair: key_pair.as_deref(),
            subnet: subnet.as_deref(),
            security_groups,
            metadata: (*metadata).into(),
            logs: logs.as_ref().map(Into::into),
            terminate_on_failure: *terminate_on_failure,
            resource_tags,
        }
    }
}

impl From<MetadataOptions> for MetadataDigestV1 {
    fn from(options: MetadataOptions) -> Self {
        let MetadataOptions {
            tokens_required,
            hop_limit,
        } = options;
        Self {
            tokens_required,
            hop_limit,
        }
    }
}

impl<'a> From<&'a LogLocation> for LogsDigestV1<'a> {
    fn from(location: &'a LogLocation) -> Self {
        let LogLocation { bucket, prefix } = location;
        Self { bucket, prefix }
    }
}

impl Infrastructure {
    /// The digest of its content.
    pub fn digest(&self) -> Digest {
        digest::of(&InfrastructureDigestV1::from(self))
    }

    /// The text that the digest is taken of.
    pub fn digest_input(&self) -> String {
        InfrastructureDigestV1::from(self).text()
    }
}
