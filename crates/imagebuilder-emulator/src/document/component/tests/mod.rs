//! What the User Guide allows and forbids in component documents.

mod names;

use super::*;

const RUN: &str = "{name: Run, action: ExecuteBash, inputs: {commands: [id]}}";

fn of(more: &str) -> Result<ComponentDocument, String> {
    on("Linux", more)
}

fn on(platform: &str, more: &str) -> Result<ComponentDocument, String> {
    parse(&format!("schemaVersion: 1.0\n{more}"), platform).map_err(|error| error.to_string())
}

fn of_step(step: &str) -> Result<ComponentDocument, String> {
    of(&format!("phases: [{{name: build, steps: [{step}]}}]"))
}

fn of_inputs(action: &str, inputs: &str) -> Result<ComponentDocument, String> {
    let windows = ["ExecutePowerShell", "InstallMSI", "SetRegistry"].contains(&action);
    let platform = if windows { "Windows" } else { "Linux" };
    let steps = format!(
        "{{name: Download, action: S3Download, inputs: [{{source: a, destination: b}}]}}, \
         {{name: It, action: {action}, inputs: {inputs}}}"
    );
    on(
        platform,
        &format!("phases: [{{name: build, steps: [{steps}]}}]"),
    )
}

fn kind(phases: &[&str]) -> ComponentType {
    let phases: Vec<_> = phases
        .iter()
        .map(|phase| format!("{{name: {phase}, steps: [{RUN}]}}"))
        .collect();
    of(&format!("phases: [{}]", phases.join(", ")))
        .unwrap()
        .kind
}

#[test]
fn only_a_single_test_phase_makes_a_test() {
    assert_eq!(kind(&["test"]), ComponentType::Test);
    assert_eq!(kind(&["build", "test"]), ComponentType::Build);
    assert_eq!(kind(&["validate"]), ComponentType::Build);
    assert_eq!(kind(&["test", "container-host-test"]), ComponentType::Build);
    assert_eq!(
        kind(&["prepare", "build"]),
        ComponentType::Build,
        "other phases may stand beside"
    );
}

#[test]
fn phases_and_steps_are_kept_in_order() {
    let document = of(&format!(
        "phases: [{{name: validate, steps: []}}, {{name: build, steps: [{RUN}]}}]"
    ))
    .unwrap();
    let names: Vec<_> = document
        .phases
        .iter()
        .map(|phase| phase.name.as_str())
        .collect();
    assert_eq!(names, ["validate", "build"]);
    let run = PhaseStep {
        name: "Run".to_owned(),
        action: "ExecuteBash".to_owned(),
    };
    assert_eq!(document.phases[1].steps, [run]);
}

#[test]
fn parameters_and_constants_are_read() {
    let document = of(&format!(
        "parameters:
  - Level: {{type: string, default: High, allowedValues: [Low, High], description: How hard}}
  - Port: {{type: string, default: 0800}}
  - NoDefault: {{type: string}}
constants:
  - BASE: {{type: string, value: /opt}}
phases: [{{name: build, steps: [{RUN}]}}]"
    ));
    let parameters = document.unwrap().parameters;
    assert_eq!(parameters[0].default_value, Some(vec!["High".to_owned()]));
    assert_eq!(parameters[0].description.as_deref(), Some("How hard"));
    assert_eq!(
        parameters[1].default_value,
        Some(vec!["0800".to_owned()]),
        "as it is written"
    );
    assert_eq!(parameters[2].default_value, None);
    for bad in [
        "parameters: [Level]",
        "parameters: [{Level: {default: High}}]",
        "parameters: [{Level: {type: text}}]",
        "parameters: [{Level: {type: string}, Other: {type: string}}]",
        "parameters: [{ab: {type: string}}]",
        "parameters: [{a name: {type: string}}]",
        "parameters: [{Level: {type: string, default: {a: b}}}]",
        "parameters: [{Level: {type: string}}, {Level: {type: string}}]",
        "parameters: [{Level: {type: string}}]\nconstants: [{Level: {type: string, value: x}}]",
        "constants: [{Level: {type: string}}]",
        "constants: {Level: {type: string, value: x}}",
    ] {
        of(&format!("{bad}\nphases: [{{name: build, steps: [{RUN}]}}]")).expect_err(bad);
    }
}

#[test]
fn errors_say_where() {
    let text = "schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Download
        action: S3Download
        inputs:
          - source: s3://bucket/a
            destination: /tmp/a
          - source: s3://bucket/b
";
    let error = parse(text, "Linux").unwrap_err().to_string();
    assert_eq!(
        error,
        "Parsing step 'Download' in phase 'build' failed. Error: inputs (line 10): 'destination' is missing"
    );
}

#[test]
fn rubbish_is_refused() {
    for text in [
        "",
        "just text",
        "a: [",
        "schemaVersion: 2.0\nphases: [{name: build, steps: []}]",
        "phases: [{name: build, steps: []}]",
        "schemaVersion: 1.0",
        "schemaVersion: 1.0\nphases: []",
        "schemaVersion: 1.0\nphases: {build: []}",
        "schemaVersion: 1.0\nphases: [{name: deploy, steps: []}]",
        "schemaVersion: 1.0\nphases: [{name: build}]",
        "schemaVersion: 1.0\nphases: [{steps: []}]",
        "schemaVersion: 1.0\nphases: [{name: build, steps: []}, {name: build, steps: []}]",
    ] {
        parse(text, "Linux").expect_err(text);
    }
}

#[test]
fn steps_are_checked() {
    let with = |more: &str| {
        of_step(&format!(
            "{{name: Run, action: ExecuteBash, inputs: {{commands: [id]}}, {more}}}"
        ))
    };
    for good in [
        "timeoutSeconds: -1",
        "timeoutSeconds: '60'",
        "onFailure: Ignore",
        "maxAttempts: 3",
        "if: {stringEquals: a, value: '{{ build.Run.outputs.stdout }}'}",
        "disableLogging: true",
        "if: [{fileExists: /etc/os-release, then: Execute}]",
    ] {
        with(good).expect(good);
    }
    for bad in [
        "timeoutSeconds: 0",
        "timeoutSeconds: -2",
        "timeoutSeconds: soon",
        "onFailure: abort",
        "maxAttempts: 0",
        "onError: Abort",
        "if: true",
        "disableLogging: perhaps",
    ] {
        with(bad).expect_err(bad);
    }
    of_step("{name: Run, inputs: {commands: [id]}}").unwrap_err();
    of_step("{action: ExecuteBash, inputs: {commands: [id]}}").unwrap_err();
    of_step("{name: Run, action: ExecuteZsh, inputs: {commands: [id]}}").unwrap_err();
    let twice = of_step(&format!("{RUN}, {RUN}")).unwrap_err();
    assert!(twice.contains("step 'Run' is there twice"), "{twice}");
}

#[test]
fn loops_are_checked() {
    let with = |name: &str, repetition: &str| {
        format!(
            "{{name: {name}, action: ExecuteBash, loop: {repetition}, inputs: {{commands: ['{{{{ loop.value }}}}']}}}}"
        )
    };
    for good in [
        "{for: {start: 1, end: 3, updateBy: 1}}",
        "{for: {start: 3, end: 1, updateBy: -1}, name: Down}",
        "{for: {start: 1, end: 1, updateBy: -1}}",
        "{forEach: [a, 2, '{{ build.Run.outputs.stdout }}']}",
        "{forEach: {list: 'a,b'}}",
        "{forEach: {list: \"a\\nb\", delimiter: \"\\n\"}}",
    ] {
        of_step(&with("Run", good)).expect(good);
    }
    for bad in [
        "{for: {start: 1, end: 3}}",
        "{for: {start: 1, end: 3, updateBy: 0}}",
        "{for: {start: 1, end: 3, updateBy: -1}}",
        "{for: {start: 3, end: 1, updateBy: 1}}",
        "{for: {start: a, end: 1, updateBy: 1}}",
        "{for: {start: 1, end: 3, updateBy: 1}, forEach: [a]}",
        "{forEach: {delimiter: ','}}",
        "{forEach: {list: 'a,b', delimiter: ', '}}",
        "{forEach: 'a,b'}",
        "{name: Empty}",
    ] {
        of_step(&with("Run", bad)).expect_err(bad);
    }
    let named = "{name: Same, forEach: [a]}";
    of_step(&format!("{}, {}", with("One", named), with("Two", named))).unwrap_err();
}

#[test]
fn inputs_that_the_user_guide_shows_are_accepted() {
    for (action, inputs) in [
        (
            "ExecuteBash",
            "{commands: ['docker inspect --format \"{{.State}}\"', 2, true]}",
        ),
        ("ExecuteBinary", "{path: /bin/id, arguments: [-u]}"),
        (
            "ExecuteDocument",
            "{document: s3://bucket/doc.yaml, phases: build, parameters: [{name: a, value: b}]}",
        ),
        (
            "ExecutePowerShell",
            "{file: '{{build.Download.inputs[0].destination}}'}",
        ),
        (
            "S3Download",
            "[{source: 's3://bucket/*', destination: 'C:\\dir', overwrite: false}]",
        ),
        (
            "S3Upload",
            "[{source: /tmp/*, destination: s3://bucket, recurse: yes}]",
        ),
        (
            "WebDownload",
            "[{source: https://a.example/b, destination: /tmp/b, checksum: 0e1, algorithm: MD5}]",
        ),
        (
            "CreateFile",
            "[{path: /tmp/a, content: '', permissions: 0600, owner: root}]",
        ),
        ("CreateFolder", "{path: /tmp/a}"),
        (
            "SetFolderPermissions",
            "[{path: /tmp, permissions: 0777, recursive: false}]",
        ),
        (
            "InstallMSI",
            "{path: 'C:\\a.msi', reboot: Allow, properties: {COMPANYNAME: '\"Acme\"'}}",
        ),
        ("Reboot", "{delaySeconds: 60}"),
        (
            "SetRegistry",
            "[{path: 'HKLM:\\S', name: a, value: [1, 2], type: MULTI_SZ}]",
        ),
        (
            "UpdateOS",
            "{include: [KB1234567, '*Security*'], exclude: [ec2-hibinit-agent]}",
        ),
        (
            "Assert",
            "[{stringEquals: a, value: a}, {fileExists: /etc}]",
        ),
    ] {
        of_inputs(action, inputs).expect(action);
    }
    of_step("{name: Update, action: UpdateOS}").unwrap();
    of_step("{name: Reboot, action: Reboot}").unwrap();
}

#[test]
fn inputs_of_the_wrong_kind_are_refused() {
    for (action, inputs) in [
        ("ExecuteBash", "{}"),
        ("ExecuteBash", "{command: [id]}"),
        ("ExecuteBash", "{commands: []}"),
        ("ExecuteBash", "{commands: id}"),
        ("ExecuteBash", "{commands: [{{ reference }}]}"),
        ("ExecuteBash", "[{commands: [id]}]"),
        ("ExecuteBinary", "{path: /bin/id, arguments: -u}"),
        ("ExecutePowerShell", "{commands: [dir], file: a.ps1}"),
        ("ExecutePowerShell", "{}"),
        ("S3Download", "[]"),
        ("S3Download", "[{source: s3://bucket/a}]"),
        ("CreateSymlink", "[{path: a}]"),
        (
            "CopyFile",
            "[{source: a, destination: b, overwrite: perhaps}]",
        ),
        ("Reboot", "{delaySeconds: soon}"),
        ("SetRegistry", "[{path: a, name: b, type: SZ}]"),
        ("UpdateOS", "{include: all}"),
        ("Assert", "[]"),
    ] {
        of_inputs(action, inputs).expect_err(&format!("{action} {inputs}"));
    }
    let error = of_inputs("S3Download", "[]").unwrap_err();
    assert!(
        error.contains("Action S3Download has no inputs; it requires an 'inputs'"),
        "{error}"
    );
}
