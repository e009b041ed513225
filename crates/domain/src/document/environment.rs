//! `environment.json`, the platform team's document: where and how the images are built, and for
//! whom.

use std::collections::BTreeMap;

use super::components::{self, Reference};
use super::consumers::{self, Grant};
use super::reader::{At, Fields, Keys, one_of};
use super::tags;
use crate::desired::{RegionSettings, Volume, VolumeType};
use crate::names::{Environment, Family, KeyArn, Region, ScheduleExpression};

/// What the document says; what had a problem is left out.
#[derive(Debug, Default)]
pub(super) struct EnvironmentDocument {
    pub(super) environment: Option<Environment>,
    pub(super) family: Option<Family>,
    pub(super) regions: BTreeMap<Region, RegionSettings>,
    pub(super) schedule: Option<ScheduleExpression>,
    pub(super) instance_types: Vec<String>,
    pub(super) volumes: Vec<Volume>,
    pub(super) build_components: Vec<Reference>,
    pub(super) test_components: Vec<Reference>,
    pub(super) consumers: Vec<Grant>,
    pub(super) tags: BTreeMap<String, String>,
}

const KEYS: &[&str] = &[
    "schema-version",
    "environment",
    "family",
    "regions",
    "schedule",
    "instance-types",
    "volumes",
    "build-components",
    "test-components",
    "consumers",
    "tags",
];

pub(super) fn read(at: At<'_>) -> EnvironmentDocument {
    let Some(fields) = at.object(Keys::Only(KEYS)) else {
        return EnvironmentDocument::default();
    };
    fields.required("schema-version", |at| at.integer(1..=1, "1, the only schema version"));
    let document = EnvironmentDocument {
        environment: fields.required("environment", At::parsed),
        family: fields.required("family", At::parsed),
        regions: fields.required("regions", regions).unwrap_or_default(),
        schedule: fields.optional("schedule", At::parsed),
        instance_types: read_some(&fields, "instance-types", "instance type", instance_type),
        volumes: read_some(&fields, "volumes", "volume", volume),
        build_components: read_list(&fields, "build-components", components::reference),
        test_components: read_list(&fields, "test-components", components::reference),
        consumers: fields.optional("consumers", consumers::grants).unwrap_or_default(),
        tags: fields.required("tags", tags::read).unwrap_or_default(),
    };
    components::record_repeated(at, &document.build_components, &document.test_components);
    document
}

fn read_list<'a, T>(fields: &Fields<'a>, key: &str, read: fn(At<'a>) -> Option<T>) -> Vec<T> {
    fields.required(key, |at| at.list(read)).unwrap_or_default()
}

fn read_some<'a, T>(fields: &Fields<'a>, key: &str, item: &str, read: fn(At<'a>) -> Option<T>) -> Vec<T> {
    fields.required(key, |at| at.some(item, read)).unwrap_or_default()
}

fn regions(at: At<'_>) -> Option<BTreeMap<Region, RegionSettings>> {
    let entries = at.entries()?;
    if entries.is_empty() {
        return at.expected("at least one Region");
    }
    Some(entries.into_iter().filter_map(|(name, settings)| region(name, settings)).collect())
}

fn region(name: At<'_>, settings: At<'_>) -> Option<(Region, RegionSettings)> {
    let region = name.parsed();
    let fields = settings.object(Keys::Only(&["kms-key"]));
    let region: Region = region?;
    let kms_key = fields?.optional("kms-key", |at| key_in(&region, at));
    Some((region, RegionSettings { kms_key }))
}

/// A key of `region`: a KMS key encrypts nothing outside its own Region.
fn key_in(region: &Region, at: At<'_>) -> Option<KeyArn> {
    let key: KeyArn = at.parsed()?;
    if key.region().as_ref() == Some(region) {
        return Some(key);
    }
    at.expected(format!("the ARN of a key in {region}, the Region it is given for"))
}

fn instance_type(at: At<'_>) -> Option<String> {
    let text = at.text()?;
    let label = |part: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !part.is_empty() && part.bytes().all(allowed)
    };
    match text.split_once('.') {
        Some((family, size)) if label(family) && label(size) => Some(text.to_owned()),
        _ => at.expected("an instance type, such as `m6i.large`"),
    }
}

fn volume(at: At<'_>) -> Option<Volume> {
    let fields = at.object(Keys::Only(&["size-gib", "type"]))?;
    let size = |at: At<'_>| at.integer(1..=16_000, "a whole number of GiB from 1 to 16000");
    let size_gib = fields.required("size-gib", size);
    let volume_type = fields.required("type", volume_type);
    Some(Volume { size_gib: size_gib?, volume_type: volume_type?, iops: None, throughput: None })
}

fn volume_type(at: At<'_>) -> Option<VolumeType> {
    let offered = VolumeType::ALL.into_iter().filter(|volume_type| !volume_type.needs_iops());
    let choices: Vec<_> = offered.map(|volume_type| (volume_type.as_str(), volume_type)).collect();
    at.choice(&one_of(choices.iter().map(|(name, _)| *name)), &choices)
}
