//! `check` and `CreateComponent` over the same component documents.
//!
//! `check` is nowhere weaker than the emulator's `CreateComponent`. Where it is stricter, the case says
//! why. The two readers have nothing in common, so neither can hide the other's mistake.

use std::fs;

use goldsmith_domain::desired::{ComponentRef, Desired};
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, parse};
use imagebuilder_emulator::parse_component_document;

const HARDEN: &str = "components/harden.yml";

fn sample(name: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ami-versions/nonprod/");
    fs::read_to_string(format!("{root}{name}")).expect("the sample")
}

fn file(key: &str, text: &str) -> DocumentFile {
    DocumentFile {
        key: key.to_owned(),
        version_id: "1".to_owned(),
        size: text.len() as u64,
        bytes: text.as_bytes().to_vec(),
    }
}

/// The platform that `check` finds in a document, or the problems that it has with it.
fn checked(document: &str) -> Result<&'static str, String> {
    let files = [
        file(AMI_VERSIONS, &sample(AMI_VERSIONS)),
        file(ENVIRONMENT, &sample(ENVIRONMENT)),
        file(HARDEN, document),
    ];
    match parse(&files) {
        Parsed::Desired(desired) => Ok(platform(&desired)),
        Parsed::Absent(keys) => panic!("absent: {keys:?}"),
        Parsed::Rejected(problems) => Err(format!("{:?}", problems.first())),
    }
}

fn platform(desired: &Desired) -> &'static str {
    let documents = desired.build_components.iter().map(|used| &used.component);
    let mut platforms = documents.filter_map(|component| match component {
        ComponentRef::Document(document) => Some(document.platform.as_str()),
        ComponentRef::Arn(_) => None,
    });
    platforms.next_back().expect("the sample has a document")
}

/// Whether `CreateComponent` takes a document on one of the platforms.
fn created(document: &str) -> Result<(), String> {
    let on = |platform| parse_component_document(document, platform);
    on("Linux").or_else(|linux| on("Windows").map_err(|windows| format!("{linux}; {windows}")))
}

/// A document with a phase `build` of this one step beside one that runs a command.
fn with_step(step: &str) -> String {
    format!(
        "schemaVersion: 1.0
parameters:
  - Level: {{ type: string, default: High, allowedValues: [ Low, High ], description: How hard }}
constants:
  - BASE: {{ type: string, value: /opt }}
phases:
  - name: build
    steps:
      - {{ name: First, action: ExecuteBinary, inputs: {{ path: /bin/id }} }}
      - {step}
"
    )
}

/// A step with this action and these inputs.
fn with_inputs(action: &str, inputs: &str) -> String {
    with_step(&format!(
        "{{ name: It, action: {action}, inputs: {inputs} }}"
    ))
}

/// A step that updates the system, with these further keys.
fn with_settings(settings: &str) -> String {
    with_step(&format!("{{ name: It, action: UpdateOS, {settings} }}"))
}

/// A document of these top-level keys and one phase.
fn with_keys(keys: &str) -> String {
    format!("{keys}\nphases: [ {{ name: build, steps: [ {{ name: It, action: UpdateOS }} ] }} ]\n")
}

/// A document of these phases.
fn with_phases(phases: &str) -> String {
    format!("schemaVersion: 1.0\nphases: [ {phases} ]\n")
}

/// Top-level keys beside one phase.
const ACCEPTED_KEYS: &[&str] = &[
    "schemaVersion: '1.0'\nname: 5\ndescription: true\nparameters:\nconstants:",
    "schemaVersion: 1\nsomethingElse: { a: b }",
    "schemaVersion: 1.0\nparameters: [ { Words: { type: stringList, default: [ a, 2 ] } }, { Count: { type: Integer, default: 0800 } } ]",
];

/// Phases of a document.
const ACCEPTED_PHASES: &[&str] = &[
    "{ name: build, steps: [ { name: It, action: UpdateOS } ] }, { name: mine, steps: [ { name: It, action: UpdateOS } ] }",
    "{ name: container-host-test, steps: [ { name: It, action: UpdateOS } ] }, { name: validate, steps: [ { name: It, action: Reboot } ] }",
];

/// Settings of a step.
const ACCEPTED_SETTINGS: &[&str] = &[
    "timeoutSeconds: -1",
    "timeoutSeconds: '60'",
    "onFailure: Ignore, maxAttempts: 3, disableLogging: true",
    "if: { stringEquals: a, value: '{{ Level }}' }",
    "if: [ { fileExists: /etc/os-release, then: Execute } ]",
    "loop: { name: Each, for: { start: 3, end: 1, updateBy: -1 } }",
    "loop: { forEach: [ a, 2, '{{ build.First.outputs.stdout }}' ] }",
    "loop: { forEach: { list: 'a,b', delimiter: ',' } }",
];

/// Actions with inputs.
const ACCEPTED_INPUTS: &[(&str, &str)] = &[
    (
        "ExecuteBash",
        "{ commands: [ 'id {{ Level }} {{BASE}}', 2, true ] }",
    ),
    (
        "ExecuteBash",
        "{ commands: [ '{{.State}} {{ loop.value }} {{ aws:ssm:/a }} {{ }} }}' ] }",
    ),
    ("ExecuteBinary", "{ path: /bin/id, arguments: [ -u ] }"),
    (
        "ExecuteDocument",
        "{ document: s3://b/doc.yaml, phases: build, parameters: [ { name: a, value: b } ] }",
    ),
    (
        "ExecutePowerShell",
        "{ file: '{{build.First.inputs[0].path}}' }",
    ),
    (
        "S3Download",
        "[ { source: 's3://b/*', destination: 'C:\\dir', overwrite: false } ]",
    ),
    (
        "S3Upload",
        "[ { source: /tmp/*, destination: s3://b, recurse: yes } ]",
    ),
    (
        "WebDownload",
        "[ { source: https://a.example/b, destination: /tmp/b, checksum: 0e1, algorithm: MD5 } ]",
    ),
    (
        "CreateFile",
        "[ { path: /tmp/a, content: '', permissions: 0600, owner: root } ]",
    ),
    ("CreateFolder", "{ path: /tmp/a }"),
    (
        "InstallMSI",
        "{ path: 'C:\\a.msi', reboot: Allow, properties: { COMPANYNAME: Acme } }",
    ),
    (
        "SetRegistry",
        "[ { path: 'HKLM:\\S', name: a, value: [ 1, 2 ], type: MULTI_SZ } ]",
    ),
    (
        "Assert",
        "[ { stringEquals: a, value: a }, { fileExists: /etc } ]",
    ),
    ("Reboot", "{ delaySeconds: '{{ Level }}' }"),
    (
        "UpdateOS",
        "{ include: [ KB1234567, '*Security*' ], unknown: [ 1 ] }",
    ),
    ("CopyFile", "[ { source: '', destination: b } ]"),
];

/// What AWS's pages show, or say that it is allowed.
fn accepted() -> Vec<String> {
    let mut documents = vec![sample(HARDEN)];
    documents.extend(ACCEPTED_KEYS.iter().map(|keys| with_keys(keys)));
    documents.extend(ACCEPTED_PHASES.iter().map(|phases| with_phases(phases)));
    documents.extend(
        ACCEPTED_SETTINGS
            .iter()
            .map(|settings| with_settings(settings)),
    );
    let inputs = ACCEPTED_INPUTS.iter();
    documents.extend(inputs.map(|(action, inputs)| with_inputs(action, inputs)));
    documents
}

/// Top-level keys beside one phase.
const REFUSED_KEYS: &[&str] = &[
    "schemaVersion: 2.0",
    "name: x",
    "schemaVersion: 1.0\nname: [ a ]",
    "schemaVersion: 1.0\nparameters: [ Level ]",
    "schemaVersion: 1.0\nparameters: { Level: { type: string } }",
    "schemaVersion: 1.0\nparameters: [ { 'a name': { type: string } } ]",
    "schemaVersion: 1.0\nparameters: [ { a.bc: { type: string } } ]",
    "schemaVersion: 1.0\nparameters: [ { ab: { type: string } } ]",
    "schemaVersion: 1.0\nparameters: [ { Level: { type: text } } ]",
    "schemaVersion: 1.0\nparameters: [ { Level: { type: string, default: { a: b } } } ]",
    "schemaVersion: 1.0\nparameters: [ { Level: { type: string, default: a } }, { Level: { type: string, default: a } } ]",
    "schemaVersion: 1.0\nparameters: [ { Level: { type: string, default: a } } ]\nconstants: [ { Level: { type: string, value: x } } ]",
    "schemaVersion: 1.0\nconstants: [ { Level: { type: string } } ]",
    "schemaVersion: 1.0\nconstants: [ { Level: { type: number, value: 1 } } ]",
    "schemaVersion: 1.0\nconstants: [ { 'Level one': { type: string, value: x } } ]",
];

/// Phases of a document.
const REFUSED_PHASES: &[&str] = &[
    "{ name: deploy, steps: [ { name: It, action: UpdateOS } ] }",
    "{ name: build, steps: [ { name: It, action: UpdateOS } ] }, { name: 'my phase', steps: [ { name: It, action: UpdateOS } ] }",
    "{ name: build, steps: [ { name: It, action: UpdateOS } ] }, { name: build, steps: [ { name: It, action: UpdateOS } ] }",
    "{ name: build }",
    "{ steps: [ { name: It, action: UpdateOS } ] }",
];

/// Steps beside a good one.
const REFUSED_STEPS: &[&str] = &[
    "{ name: Load ssh keys, action: UpdateOS }",
    "{ name: a.b, action: UpdateOS }",
    "{ name: First, action: UpdateOS }",
    "{ action: UpdateOS }",
    "{ name: It }",
    "{ name: It, action: ExecuteZsh, inputs: { commands: [ id ] } }",
    "{ name: It, action: ExecuteBash }",
    "{ name: It, action: ExecuteBash, inputs: { commands: [ id ] } }\n      - { name: Too, action: ExecutePowerShell, inputs: { commands: [ id ] } }",
    "{ name: It, action: UpdateOS, loop: { name: Same, forEach: [ a ] } }\n      - { name: Too, action: UpdateOS, loop: { name: Same, forEach: [ a ] } }",
];

/// Settings of a step.
const REFUSED_SETTINGS: &[&str] = &[
    "timeoutSeconds: 0",
    "timeoutSeconds: soon",
    "onFailure: abort",
    "maxAttempts: 0",
    "onError: Abort",
    "disableLogging: perhaps",
    "if: true",
    "if: { stringEquals: a, value: '{{ Nothing }}' }",
    "loop: { for: { start: 1, end: 3 } }",
    "loop: { for: { start: 1, end: 3, updateBy: 0 } }",
    "loop: { for: { start: 1, end: 3, updateBy: -1 } }",
    "loop: { for: { start: 1, end: 3, updateBy: 1 }, forEach: [ a ] }",
    "loop: { forEach: { delimiter: ',' } }",
    "loop: { forEach: { list: 'a,b', delimiter: ', ' } }",
    "loop: { forEach: 'a,b' }",
    "loop: { name: Empty }",
    "loop: { forEach: [ '{{ Nothing }}' ] }",
];

/// Actions with inputs.
const REFUSED_INPUTS: &[(&str, &str)] = &[
    ("ExecuteBash", "{}"),
    ("ExecuteBash", "{ command: [ id ] }"),
    ("ExecuteBash", "{ commands: [] }"),
    ("ExecuteBash", "{ commands: id }"),
    ("ExecuteBash", "[ { commands: [ id ] } ]"),
    ("ExecuteBash", "{ commands: [ 'id {{ Levle }}' ] }"),
    (
        "ExecuteBash",
        "{ commands: [ '{{ build.Frist.outputs.stdout }}' ] }",
    ),
    (
        "ExecuteBash",
        "{ commands: [ '{{ biuld.First.outputs.stdout }}' ] }",
    ),
    (
        "ExecuteBash",
        "{ commands: [ '{{ build.First.outputs.stderr }}' ] }",
    ),
    (
        "ExecuteBash",
        "{ commands: [ '{{ build.Frist.inputs.path }}' ] }",
    ),
    ("ExecuteBinary", "{ path: /bin/id, arguments: -u }"),
    ("ExecutePowerShell", "{ commands: [ dir ], file: a.ps1 }"),
    ("ExecutePowerShell", "{}"),
    ("S3Download", "[]"),
    ("S3Download", "[ { source: s3://b/a } ]"),
    ("CreateSymlink", "[ { path: a } ]"),
    (
        "CopyFile",
        "[ { source: a, destination: b, overwrite: perhaps } ]",
    ),
    ("Reboot", "{ delaySeconds: soon }"),
    ("SetRegistry", "[ { path: a, name: b, type: SZ } ]"),
    ("UpdateOS", "{ include: all }"),
    ("InstallMSI", "{ path: a, properties: b }"),
    ("Assert", "[]"),
];

/// What AWS's pages forbid, or what was seen to be refused.
fn refused() -> Vec<String> {
    let mut documents = vec!["just text".to_owned()];
    documents.extend(REFUSED_KEYS.iter().map(|keys| with_keys(keys)));
    documents.extend(REFUSED_PHASES.iter().map(|phases| with_phases(phases)));
    documents.extend(REFUSED_STEPS.iter().map(|step| with_step(step)));
    documents.extend(
        REFUSED_SETTINGS
            .iter()
            .map(|settings| with_settings(settings)),
    );
    let inputs = REFUSED_INPUTS.iter();
    documents.extend(inputs.map(|(action, inputs)| with_inputs(action, inputs)));
    documents
}

/// What AWS takes, or may take, and `check` does not, each with the reason.
fn stricter() -> Vec<(&'static str, String)> {
    vec![
        (
            "of two keys of one name only one counts, and nobody sees which",
            with_settings("timeoutSeconds: 5, timeoutSeconds: 6"),
        ),
        (
            "a few anchors and aliases stand for more nodes than a machine holds",
            with_keys("schemaVersion: 1.0\ndescription: &d x\nname: *d"),
        ),
        (
            "a phase without a step does nothing",
            with_phases("{ name: build, steps: [] }"),
        ),
        (
            "no build of an AMI runs it",
            with_phases("{ name: container-host-test, steps: [ { name: It, action: UpdateOS } ] }"),
        ),
        (
            "a name is a string, says the user guide",
            with_keys("schemaVersion: 1.0\nparameters: [ { 123: { type: string, default: x } } ]"),
        ),
    ]
}

#[test]
fn check_and_create_component_take_and_refuse_the_same_documents() {
    for document in accepted() {
        let platform = checked(&document).unwrap_or_else(|problems| panic!("{document}{problems}"));
        let created = parse_component_document(&document, platform);
        assert_eq!(created, Ok(()), "{document}");
    }
    for document in refused() {
        assert!(created(&document).is_err(), "created:\n{document}");
        assert!(checked(&document).is_err(), "checked:\n{document}");
    }
}

#[test]
fn check_is_stricter_only_for_a_reason() {
    for (reason, document) in stricter() {
        assert_eq!(created(&document), Ok(()), "{reason}");
        assert!(checked(&document).is_err(), "{reason}");
    }
}

/// Each line of each good document left out, or with another value: whatever `check` then takes,
/// `CreateComponent` takes as well.
#[test]
fn check_is_nowhere_weaker_than_create_component() {
    let mut taken = 0;
    for document in accepted() {
        let lines: Vec<&str> = document.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let (head, tail) = (&lines[..index], &lines[index + 1..]);
            let emptied = line.split_once(':').map(|(key, _)| format!("{key}: []"));
            for changed in [None, emptied] {
                let changed: Vec<&str> = head
                    .iter()
                    .copied()
                    .chain(changed.as_deref())
                    .chain(tail.iter().copied())
                    .collect();
                let changed = changed.join("\n");
                if let Ok(platform) = checked(&changed) {
                    taken += 1;
                    let created = parse_component_document(&changed, platform);
                    assert_eq!(created, Ok(()), "{changed}");
                }
            }
        }
    }
    assert!(taken > 50, "only {taken} of the changed documents are good");
}
