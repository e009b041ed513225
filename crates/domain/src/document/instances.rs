//! `instances` of an environment: what builds and tests run with, beside the types.

use std::str::FromStr;

use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::repeated::record_repeated;
use super::spelling::one_of;
use crate::desired::{Instances, LogLocation, MetadataOptions, Note};
use crate::names::{
    BucketName, InstanceProfileName, KeyPairName, NameError, SecurityGroupId, SubnetId, VpcId,
};

/// The keys of the object.
pub(super) const KEYS: &[&str] = &[
    "instance-profile",
    "key-pair",
    "subnet",
    "security-groups",
    "public-ip",
    "metadata-options",
    "log-bucket",
    "keep-instance-on-failure",
    "ssh-user",
    "vpc-id",
];
/// The keys of `metadata-options`.
pub(super) const METADATA_KEYS: &[&str] = &["tokens", "hop-limit"];
/// The keys of `log-bucket`.
pub(super) const LOG_KEYS: &[&str] = &["name", "prefix"];

/// The instances without their types; what has no effect leaves a note.
pub(super) fn read(at: Cursor<'_>, notes: &mut Vec<Note>) -> Option<Instances> {
    let fields = at.object(Keys::Only(KEYS))?;
    let subnet = name::<SubnetId>(&fields, "subnet");
    let security_groups = fields.optional("security-groups", security_groups);
    require_groups(&fields);
    notes.extend(fields.optional("ssh-user", ssh_user));
    notes.extend(fields.optional("vpc-id", vpc));
    Some(Instances {
        types: Vec::new(),
        profile: name::<InstanceProfileName>(&fields, "instance-profile"),
        key_pair: name::<KeyPairName>(&fields, "key-pair"),
        subnet,
        security_groups: security_groups.unwrap_or_default(),
        public_ip: fields.optional("public-ip", Cursor::boolean),
        metadata: fields
            .optional("metadata-options", metadata)
            .unwrap_or_default(),
        logs: fields.optional("log-bucket", log_location),
        keep_on_failure: fields
            .optional("keep-instance-on-failure", Cursor::boolean)
            .unwrap_or_default(),
    })
}

fn name<T: FromStr<Err = NameError> + Into<String>>(
    fields: &Fields<'_>,
    key: &str,
) -> Option<String> {
    fields.optional(key, Cursor::parsed::<T>).map(T::into)
}

fn security_groups(at: Cursor<'_>) -> Option<Vec<String>> {
    let groups = at.some("security group", |at| {
        Some((at.parsed::<SecurityGroupId>()?, at))
    })?;
    record_repeated(
        &groups,
        |(group, _)| group,
        |(_, at)| *at,
        "each security group once",
    );
    Some(groups.into_iter().map(|(group, _)| group.into()).collect())
}

/// A subnet without security groups is refused by Image Builder (user guide, "Manage infrastructure
/// configurations").
fn require_groups(fields: &Fields<'_>) {
    if fields.has("subnet") && !fields.has("security-groups") {
        let problem = fields.of().place().problem(
            "a subnet without security groups",
            "at least one security group in `security-groups`: Image Builder requires one with a subnet",
        );
        fields.of().record(problem);
    }
}

fn metadata(at: Cursor<'_>) -> Option<MetadataOptions> {
    let fields = at.object(Keys::Only(METADATA_KEYS))?;
    let default = MetadataOptions::default();
    let hops = |at: Cursor<'_>| at.integer(1..=64, "a whole number of hops from 1 to 64");
    Some(MetadataOptions {
        tokens_required: fields
            .optional("tokens", tokens)
            .unwrap_or(default.tokens_required),
        hop_limit: fields
            .optional("hop-limit", hops)
            .unwrap_or(default.hop_limit),
    })
}

fn tokens(at: Cursor<'_>) -> Option<bool> {
    let choices = [("required", true), ("optional", false)];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

fn log_location(at: Cursor<'_>) -> Option<LogLocation> {
    let fields = at.object(Keys::Only(LOG_KEYS))?;
    let bucket = fields.required("name", Cursor::parsed::<BucketName>);
    let prefix = fields.optional("prefix", prefix).unwrap_or_default();
    Some(LogLocation {
        bucket: bucket?.into(),
        prefix,
    })
}

/// What the keys of logs start with; an object's whole key has 1,024 bytes (S3 user guide).
fn prefix(at: Cursor<'_>) -> Option<String> {
    let text = at.text()?;
    if text.len() > 512 || text.starts_with('/') || text.contains(char::is_control) {
        return at.expected("a key prefix for logs: at most 512 bytes, not starting with `/`");
    }
    Some(text.to_owned())
}

fn ssh_user(at: Cursor<'_>) -> Option<Note> {
    at.text()?;
    let text = "Image Builder does not log in to instances: it uses Systems Manager's agent, which needs no SSH user";
    Some(Note {
        place: at.place(),
        text: text.to_owned(),
    })
}

fn vpc(at: Cursor<'_>) -> Option<Note> {
    at.parsed::<VpcId>()?;
    let text = "Image Builder has no setting for a VPC: instances start in the VPC of `subnet`";
    Some(Note {
        place: at.place(),
        text: text.to_owned(),
    })
}
