//! The schemas against the readers: the same keys, and the same verdict wherever a schema can give one.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the schemas and samples are files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

use super::super::consumers::{account, organization};
use super::super::{ami_versions, components, environment, instances, regions, volumes};
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
    let readers: [(&Value, &str, &[&str]); 18] = [
        (&versions, "", ami_versions::KEYS),
        (&versions, "Entry", ami_versions::ENTRY_KEYS),
        (&versions, "Scheduled", ami_versions::SCHEDULED_KEYS),
        (&versions, "ComponentWithParameters", components::KEYS),
        (&environments, "", environment::KEYS),
        (&environments, "RegionSettings", regions::KEYS),
        (&environments, "Stig", environment::COMPLIANCE_KEYS),
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
const BEYOND_A_SCHEMA: [&str; 28] = [
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
    "environment-compliance-twice",
    "environment-component-needs-parameters",
    "environment-component-parameters",
    "environment-component-without-parameters",
    "environment-components-twice",
    "environment-consumers-partition",
    "environment-consumers-too-many-organizations",
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
