//! `environment.json`, the platform team's document: where and how the images are built, and for
//! whom.

use std::collections::BTreeMap;

use super::components::{self, ALLOWED, BUILD, Role, TEST};
use super::consumers::{self, DeclaredConsumers};
use super::fields::{Fields, Keys};
use super::reader::Cursor;
use super::reference::{DocumentKey, Reference};
use super::regions::{self, Regions};
use super::spelling::one_of;
use super::{gates, instances, life, owners, scan, schedule, schema_reference, tags, volumes};
use crate::announcement::MessageKind;
use crate::consumers::DeliveryMode;
use crate::desired::{Drift, Gates, Instances, Life, Note, StigLevel, Volume};
use crate::names::{AmiName, Environment, Family, InstanceType, ScheduleExpression};
use crate::owners::Owners;
use crate::promotion::{Approval, Promotion};
use crate::proof::Require;
use crate::scan::ImageScan;

/// What the document says; what had a problem is left out.
#[derive(Debug, Default)]
pub(super) struct EnvironmentDocument {
    pub(super) environment: Option<Environment>,
    pub(super) family: Option<Family>,
    pub(super) regions: Regions,
    pub(super) schedule: Option<ScheduleExpression>,
    pub(super) instances: Instances,
    pub(super) volumes: Vec<Volume>,
    pub(super) build_components: Vec<Reference>,
    pub(super) test_components: Vec<Reference>,
    /// What entries may choose from; none if the list has a problem.
    pub(super) allowed_components: Option<Vec<Reference>>,
    pub(super) base_owners: Owners,
    pub(super) component_owners: Owners,
    pub(super) compliance: Compliance,
    pub(super) image_scan: Option<ImageScan>,
    pub(super) gates: Gates,
    pub(super) approval: Approval,
    pub(super) require: Option<Require>,
    pub(super) ami_name: Option<AmiName>,
    pub(super) consumers: DeclaredConsumers,
    /// How workload accounts are served; none if the word has a problem.
    pub(super) workload_accounts: Option<DeliveryMode>,
    pub(super) sysprep: Option<bool>,
    pub(super) unknown_blocks: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) quotas: BTreeMap<String, usize>,
    pub(super) drift: Drift,
    pub(super) life: Life,
    pub(super) notification: Vec<MessageKind>,
    pub(super) rebuild_on_new_base: bool,
    pub(super) pause: bool,
    pub(super) notes: Vec<Note>,
}

impl EnvironmentDocument {
    /// What runs on an instance of every built image: the scan that compliance adds is the last.
    pub(super) fn tests(&self) -> impl Iterator<Item = &Reference> {
        self.test_components.iter().chain(&self.compliance.scan)
    }

    /// What an image needs before it is published, as far as no entry says so.
    pub(super) fn promotion(&self) -> Promotion {
        Promotion {
            approval: self.approval,
            approved: None,
            has_limits: self.gates.has_limits(),
        }
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = &DocumentKey> {
        self.references()
            .filter_map(|(_, reference)| reference.document())
    }

    /// Every component, with what it is listed for.
    pub(super) fn references(&self) -> impl Iterator<Item = (&'static Role, &Reference)> {
        let build = self
            .build_components
            .iter()
            .map(|reference| (&BUILD, reference));
        let test = self.tests().map(|reference| (&TEST, reference));
        let allowed = self
            .allowed_components
            .iter()
            .flatten()
            .map(|reference| (&ALLOWED, reference));
        build.chain(test).chain(allowed)
    }
}

/// The keys of the document.
pub(super) const KEYS: &[&str] = &[
    "schema-version",
    "environment",
    "family",
    "regions",
    "schedule",
    "instance-types",
    "instances",
    "volumes",
    "build-components",
    "test-components",
    "allowed-components",
    "base-owners",
    "component-owners",
    "compliance",
    "image-scan",
    "gates",
    "approval",
    "promotion",
    "ami-name",
    "consumers",
    "workload-accounts",
    "sysprep",
    "verify",
    "tags",
    "quotas",
    "drift",
    "on-failure",
    "expiry",
    "notification",
    "rebuild-on-new-base",
    "pause",
    "$schema",
];

/// Keys whose effect is not built.
pub(super) const PLANNED: &[&str] = &[
    "expiry-date",
    "retention",
    "notifications",
    "version",
    "build-url",
];

/// The keys of `verify`.
pub(super) const VERIFY_KEYS: &[&str] = &["unknown-blocks"];

/// The keys of `quotas`: those of [`quota::ALL`].
pub(super) const QUOTA_KEYS: &[&str] = &[
    "image-pipelines",
    "image-recipes",
    "components",
    "infrastructure-configurations",
    "distribution-configurations",
    "concurrent-builds",
    "components-of-a-recipe",
];

/// The keys of `compliance`.
pub(super) const COMPLIANCE_KEYS: &[&str] = &["stig", "scan"];

/// What compliance adds to every recipe; nothing for `"none"`. Hardening and scanning are two switches.
#[derive(Debug, Default)]
pub(super) struct Compliance {
    /// The level of Amazon's STIG component, which hardens.
    pub(super) stig: Option<StigLevel>,
    /// The component that scans.
    pub(super) scan: Option<Reference>,
}

pub(super) fn read(at: Cursor<'_>) -> EnvironmentDocument {
    let Some(fields) = at.object(Keys::NotYet {
        known: KEYS,
        planned: PLANNED,
    }) else {
        return EnvironmentDocument::default();
    };
    schema_reference(&fields);
    fields.required("schema-version", |at| {
        at.integer(1..=1, "1, the only schema version")
    });
    let mut notes = Vec::new();
    let regions = fields
        .required("regions", regions::read)
        .unwrap_or_default();
    record_early_pointers(&fields, &regions);
    let document = EnvironmentDocument {
        environment: fields.required("environment", Cursor::parsed),
        family: fields.required("family", Cursor::parsed),
        schedule: fields.optional("schedule", schedule::read),
        instances: read_instances(&fields, &mut notes),
        volumes: read_some(&fields, "volumes", "volume", volumes::read),
        build_components: read_list(&fields, "build-components", components::reference),
        test_components: read_list(&fields, "test-components", components::reference),
        allowed_components: allowed(&fields),
        base_owners: owners::of_bases(&fields),
        component_owners: owners::of_components(&fields),
        compliance: fields
            .optional("compliance", compliance)
            .unwrap_or_default(),
        ami_name: fields.optional("ami-name", Cursor::parsed),
        consumers: fields
            .optional("consumers", |at| consumers::read(at, &regions.names))
            .unwrap_or_default(),
        workload_accounts: workload_accounts(&fields),
        sysprep: fields.optional("sysprep", Cursor::boolean),
        regions,
        tags: fields
            .required("tags", tags::of_environment)
            .unwrap_or_default(),
        quotas: fields.optional("quotas", quotas).unwrap_or_default(),
        notes,
        ..of_runs_and_images(&fields)
    };
    gates::check_scan(&fields, &document.gates, document.image_scan);
    record_repeated(at, &document);
    document
}

/// Records that proof is asked for although Image Builder writes pointers while it distributes, which is before anybody
/// can be asked.
fn record_early_pointers(fields: &Fields<'_>, regions: &Regions) {
    let Some((name, _)) = fields.entry("promotion").filter(|_| regions.has_pointers()) else {
        return;
    };
    let problem =
        name.problem("no such key beside `ssm-parameters` or `launch-templates` of `regions`");
    let hint =
        "Image Builder writes those when it distributes an image, before its use can be proved";
    name.record(problem.hint(hint));
}

/// What runs do by themselves, and what becomes of images that are built.
fn of_runs_and_images(fields: &Fields<'_>) -> EnvironmentDocument {
    EnvironmentDocument {
        image_scan: fields.optional("image-scan", scan::read),
        gates: fields.optional("gates", gates::read).unwrap_or_default(),
        approval: fields
            .optional("approval", gates::approval)
            .unwrap_or_default(),
        require: fields.optional("promotion", gates::require),
        unknown_blocks: fields
            .optional("verify", unknown_blocks)
            .unwrap_or_default(),
        drift: fields.optional("drift", drift).unwrap_or_default(),
        life: life::of_environment(fields),
        notification: fields
            .optional("notification", life::notification)
            .unwrap_or_else(|| MessageKind::ALL.into()),
        rebuild_on_new_base: fields
            .optional("rebuild-on-new-base", Cursor::boolean)
            .unwrap_or_default(),
        pause: fields
            .optional("pause", Cursor::boolean)
            .unwrap_or_default(),
        ..EnvironmentDocument::default()
    }
}

fn record_repeated(at: Cursor<'_>, document: &EnvironmentDocument) {
    let all = document.references().map(|(_, reference)| reference);
    components::record_repeated(at, &all.collect::<Vec<_>>());
}

/// What builds run on: the types have a key of their own, and everything else is an object.
fn read_instances(fields: &Fields<'_>, notes: &mut Vec<Note>) -> Instances {
    let types = read_some(
        fields,
        "instance-types",
        "instance type",
        Cursor::parsed::<InstanceType>,
    );
    let instances = fields
        .optional("instances", |at| instances::read(at, notes))
        .unwrap_or_default();
    Instances {
        types: types.into_iter().map(String::from).collect(),
        ..instances
    }
}

fn read_list<'a, T>(fields: &Fields<'a>, key: &str, read: fn(Cursor<'a>) -> Option<T>) -> Vec<T> {
    fields.required(key, |at| at.list(read)).unwrap_or_default()
}

fn read_some<'a, T>(
    fields: &Fields<'a>,
    key: &str,
    item: &str,
    read: fn(Cursor<'a>) -> Option<T>,
) -> Vec<T> {
    fields
        .required(key, |at| at.some(item, read))
        .unwrap_or_default()
}

/// The allowed components; none are allowed if there is no such key.
fn allowed(fields: &Fields<'_>) -> Option<Vec<Reference>> {
    let read = |at: Cursor<'_>| Some(at.every(components::reference));
    fields
        .optional("allowed-components", read)
        .unwrap_or_else(|| Some(Vec::new()))
}

/// How workload accounts are served: by copies, if there is no such key.
fn workload_accounts(fields: &Fields<'_>) -> Option<DeliveryMode> {
    let serve = fields.optional("workload-accounts", |at| Some(consumers::serve(at)));
    serve.unwrap_or(Some(DeliveryMode::Copy))
}

/// What the account has of each quota.
fn quotas(at: Cursor<'_>) -> Option<BTreeMap<String, usize>> {
    /// More than AWS gives of anything: whoever writes a larger number has made a mistake.
    const MOST: u32 = 1_000_000;
    let fields = at.object(Keys::Only(QUOTA_KEYS))?;
    let expected = format!("what the account's quota is: a whole number from 1 to {MOST}");
    let read = |at: Cursor<'_>| at.integer(1..=MOST, &expected);
    let given = |key: &&str| Some(((*key).to_owned(), fields.optional(key, read)? as usize));
    Some(QUOTA_KEYS.iter().filter_map(given).collect())
}

/// What compliance adds; none for `"none"`, and if there is a problem.
fn compliance(at: Cursor<'_>) -> Option<Compliance> {
    if at.as_text() == Some("none") {
        return None;
    }
    if !at.is_object() {
        return at.expected("`\"none\"`, or an object such as `{ \"stig\": \"high\" }`");
    }
    let fields = at.object(Keys::Only(COMPLIANCE_KEYS))?;
    if !fields.has("stig") && !fields.has("scan") {
        let hint = "`stig` hardens, `scan` checks; `\"none\"` does neither";
        fields.record_missing("stig", "`stig`, `scan` or both", hint);
    }
    Some(Compliance {
        stig: fields.optional("stig", stig_level),
        scan: fields.optional("scan", components::reference),
    })
}

fn unknown_blocks(at: Cursor<'_>) -> Option<bool> {
    at.object(Keys::Only(VERIFY_KEYS))?
        .required("unknown-blocks", Cursor::boolean)
}

fn stig_level(at: Cursor<'_>) -> Option<StigLevel> {
    let levels = [
        ("low", StigLevel::Low),
        ("medium", StigLevel::Medium),
        ("high", StigLevel::High),
    ];
    at.choice(&one_of(levels.map(|(name, _)| name)), &levels)
}

fn drift(at: Cursor<'_>) -> Option<Drift> {
    let choices = [("repair", Drift::Repair), ("report", Drift::Report)];
    at.choice(&one_of(choices.map(|(name, _)| name)), &choices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::quota;

    #[test]
    fn every_quota_has_its_key() {
        assert_eq!(quota::ALL.map(|quota| quota.key), *QUOTA_KEYS);
    }
}
