//! The schemas against the readers: the same keys, and the same verdict wherever a schema can give one.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the schemas and samples are files"
)]

mod judged;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

use super::super::consumers::{account, organization};
use super::super::{
    ami_versions, components, environment, gates, instances, regions, scan, volumes,
};
use super::*;
use crate::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, parse};

fn folder(below_the_repository: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(below_the_repository)
}

fn schema_of(name: &str) -> Value {
    let found = schemas().into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no schema {name}")).1
}

#[test]
fn the_committed_schemas_are_current() {
    for (name, schema) in schemas() {
        let path = folder("ami-versions/schema").join(format!("{name}.schema.json"));
        let committed = fs::read_to_string(&path).unwrap_or_default();
        let current = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        assert!(
            committed == current,
            "{} is not current: cargo run -p goldsmith-domain --features schema --example schemas",
            path.display()
        );
    }
}

#[test]
fn the_committed_page_of_members_is_current() {
    let path = folder("docs/environment.md");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == reference(),
        "{} is not current: cargo run -p goldsmith-domain --features schema --example schemas",
        path.display()
    );
}

/// Every member of a schema, with the name of the object that has it; none for the document itself.
fn members(schema: &Value) -> Vec<(&str, &str, &Value)> {
    let definitions = schema["$defs"].as_object().expect("definitions");
    let objects = definitions
        .iter()
        .map(|(name, definition)| (name.as_str(), definition));
    let objects = objects.chain([("", schema)]);
    let members = objects.flat_map(|(object, definition)| {
        let members = definition["properties"].as_object().into_iter().flatten();
        members.map(move |(name, member)| (object, name.as_str(), member))
    });
    members.collect()
}

#[test]
fn every_member_has_an_effect_and_an_example_and_what_it_shows_is_valid() {
    for (document, schema) in schemas() {
        for (object, name, member) in members(&schema) {
            let place = format!("{document} {object} {name}");
            let effect = member["description"].as_str().unwrap_or_default();
            assert!(effect.ends_with('.'), "{place} has no effect: {effect}");
            let examples = member["examples"].as_array();
            let examples = examples.map(Vec::as_slice).unwrap_or_default();
            assert!(!examples.is_empty(), "{place} has no example");
            let mut alone = member.clone();
            alone["$defs"] = schema["$defs"].clone();
            let validator = jsonschema::validator_for(&alone).expect("a schema");
            for shown in examples.iter().chain(member.get("default")) {
                assert!(validator.is_valid(shown), "{place}: {shown}");
            }
        }
    }
}

/// What the sample's documents say, with a member of environment.json set by its path.
fn sample_with(path: &[&str], value: &Value) -> Parsed {
    let mut sample = files(&folder("ami-versions/nonprod"));
    let document = sample
        .iter_mut()
        .find(|file| file.key == ENVIRONMENT)
        .expect("the environment");
    let mut environment: Value = serde_json::from_slice(&document.bytes).expect("JSON");
    let (last, objects) = path.split_last().expect("a path");
    let object = objects
        .iter()
        .fold(&mut environment, |object, key| &mut object[*key]);
    object[*last] = value.clone();
    document.bytes = environment.to_string().into_bytes();
    document.size = document.bytes.len() as u64;
    parse(&sample)
}

#[test]
fn a_default_is_what_a_document_without_the_member_says() {
    let schema = schema_of("environment");
    let objects: [(&str, &[&str]); 3] = [
        ("", &[]),
        ("Instances", &["instances"]),
        ("MetadataOptions", &["instances", "metadata-options"]),
    ];
    let sample = |path: &[&str], value: &Value| {
        let Parsed::Desired(desired) = sample_with(path, value) else {
            panic!("{path:?} {value}")
        };
        *desired
    };
    let without = sample(&["family"], &"mstr".into());
    let mut seen = 0;
    for (object, name, member) in members(&schema) {
        let parents = objects.iter().find(|(known, _)| *known == object);
        // The sample has consumers.
        let (Some((_, parents)), Some(default), true) =
            (parents, member.get("default"), name != "consumers")
        else {
            continue;
        };
        let path: Vec<&str> = parents.iter().copied().chain([name]).collect();
        assert_eq!(sample(&path, default), without, "{path:?} {default}");
        seen += 1;
    }
    assert_eq!(seen, 19);
}

/// The properties of a definition of a schema, sorted; those of the document itself for an empty name.
fn properties(schema: &Value, definition: &str) -> Vec<String> {
    let object = if definition.is_empty() {
        schema
    } else {
        &schema["$defs"][definition]
    };
    assert_eq!(
        object["additionalProperties"], false,
        "{definition} takes any key"
    );
    let properties = object["properties"]
        .as_object()
        .unwrap_or_else(|| panic!("no {definition}"));
    let mut names: Vec<_> = properties.keys().cloned().collect();
    names.sort();
    names
}

#[test]
fn the_properties_are_the_keys_of_the_readers() {
    let (versions, environments) = (schema_of("ami-versions"), schema_of("environment"));
    let readers: [(&Value, &str, &[&str]); 23] = [
        (&versions, "", ami_versions::KEYS),
        (&versions, "Entry", ami_versions::ENTRY_KEYS),
        (&versions, "Scheduled", ami_versions::SCHEDULED_KEYS),
        (&versions, "ComponentWithParameters", components::KEYS),
        (&environments, "", environment::KEYS),
        (&environments, "RegionSettings", regions::KEYS),
        (&environments, "Standards", environment::COMPLIANCE_KEYS),
        (&environments, "ImageScan", scan::KEYS),
        (&environments, "Gates", gates::KEYS),
        (&environments, "FailedControls", gates::SEVERITIES),
        (&environments, "Findings", gates::FINDINGS),
        (&environments, "Quotas", environment::QUOTA_KEYS),
        (&environments, "Verify", environment::VERIFY_KEYS),
        (&environments, "Instances", instances::KEYS),
        (&environments, "MetadataOptions", instances::METADATA_KEYS),
        (&environments, "LogBucket", instances::LOG_KEYS),
        (&environments, "Volume", volumes::KEYS),
        (&environments, "ConsumerAccount", account::KEYS),
        (&environments, "GrantAdmin", account::GRANT_ADMIN_KEYS),
        (&environments, "Rebuild", account::REBUILD_KEYS),
        (&environments, "ConsumerOrganization", organization::KEYS),
        (&environments, "ConsumerUnit", organization::UNIT_KEYS),
        (&environments, "ComponentWithParameters", components::KEYS),
    ];
    for (schema, definition, keys) in readers {
        let mut keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        keys.sort();
        assert_eq!(properties(schema, definition), keys, "{definition}");
    }
}

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&schema_of(name)).expect("a schema")
}

/// The schema that a document of this key has.
fn name_for(key: &str) -> Option<&'static str> {
    match key {
        AMI_VERSIONS => Some("ami-versions"),
        ENVIRONMENT => Some("environment"),
        _ if key.contains("workload") => Some("workload-accounts"),
        _ => None,
    }
}

fn files(folder: &Path) -> Vec<DocumentFile> {
    let mut pending = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(
                fs::read_dir(path)
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path()),
            );
            continue;
        }
        let key = path
            .strip_prefix(folder)
            .expect("below")
            .display()
            .to_string();
        let bytes = fs::read(&path).expect("a file");
        files.push(DocumentFile {
            key,
            version_id: "1".into(),
            size: bytes.len() as u64,
            bytes,
        });
    }
    files
}

#[test]
fn every_good_sample_is_valid() {
    let mut seen = 0;
    for file in files(&folder("ami-versions/nonprod")) {
        let Some(name) = name_for(&file.key) else {
            continue;
        };
        let document: Value = serde_json::from_slice(&file.bytes).expect("JSON");
        let errors: Vec<String> = validator(name)
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.key);
        seen += 1;
    }
    assert_eq!(seen, 2);
}

/// Golden cases whose problems no schema can see: they lie between two values or two documents, or in
/// the text of the document rather than in what it says.
const BEYOND_A_SCHEMA: [&str; 33] = [
    "ami-versions-base-recipe-cycle",
    "ami-versions-base-recipe-cycle-by-folding",
    "ami-versions-base-recipe-too-high",
    "ami-versions-base-recipe-unknown",
    "ami-versions-component-misspelt",
    "ami-versions-component-not-allowed",
    "ami-versions-component-parameters",
    "ami-versions-component-twice",
    "ami-versions-duplicate-key",
    "ami-versions-duplicate-key-in-entry",
    "ami-versions-duplicate-recipename",
    "ami-versions-entry-tags-too-many",
    "ami-versions-platform-of-components",
    "ami-versions-recipenames-with-one-fold",
    "ami-versions-too-many-components",
    "component-in-the-wrong-list",
    "environment-allowed-runs-anyway",
    "environment-compliance-scan",
    "environment-compliance-twice",
    "environment-component-needs-parameters",
    "environment-component-parameters",
    "environment-component-results-bucket",
    "environment-component-without-parameters",
    "environment-components-twice",
    "environment-consumers-partition",
    "environment-consumers-too-many-organizations",
    "environment-findings-of-an-ami",
    "environment-findings-without-a-scan",
    "environment-image-scan-condition",
    "environment-too-many-with-compliance",
    "workload-accounts-in-two-places",
    "workload-accounts-other-mode",
    "workload-accounts-shared-and-keys",
];

#[test]
fn schema_and_reader_agree_but_on_what_no_schema_can_see() {
    let sample = files(&folder("ami-versions/nonprod"));
    let mut disagreed = Vec::new();
    for case in fs::read_dir(folder("crates/domain/tests/documents")).expect("the cases") {
        let path = case.expect("a case").path();
        if disagree(&files(&path), &sample) {
            disagreed.push(
                path.file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    disagreed.sort();
    assert_eq!(disagreed, BEYOND_A_SCHEMA);
}

/// Whether schema and reader think differently of a document of a case; the schema may only be milder.
fn disagree(changed: &[DocumentFile], sample: &[DocumentFile]) -> bool {
    let rest = sample
        .iter()
        .filter(|file| changed.iter().all(|other| other.key != file.key));
    let all: Vec<DocumentFile> = changed.iter().chain(rest).cloned().collect();
    let Parsed::Rejected(problems) = parse(&all) else {
        panic!("no problem")
    };
    let mut disagree = false;
    for file in changed {
        let Some(name) = name_for(&file.key) else {
            continue;
        };
        let refused = problems
            .first()
            .iter()
            .any(|problem| problem.file == file.key);
        let document = serde_json::from_slice::<Value>(&file.bytes);
        let valid = document.is_ok_and(|document| validator(name).is_valid(&document));
        assert!(
            valid || refused,
            "{} is good, and its schema refuses it",
            file.key
        );
        disagree |= valid == refused;
    }
    disagree
}
