//! Names, what a platform lacks, and references.

use super::*;

/// The rule and the text are those of aws-cdk, issue 19909; the User Guide has the same rule for
/// parameters and constants.
#[test]
fn names_have_letters_digits_dashes_and_underscores_only() {
    const ALLOWED: &str = "Allowed characters are combinations of numbers [0-9], english letters [a-z,A-Z] and \
                           special characters [-_].";
    let step = |name: &str| of_step(&format!("{{name: {name:?}, action: UpdateOS}}"));
    let phase = |name: &str| {
        of(&format!(
            "phases: [{{name: build, steps: []}}, {{name: {name:?}, steps: []}}]"
        ))
    };
    let variable = |list: &str, name: &str| {
        of(&format!(
            "{list}: [{{{name:?}: {{type: string, value: x}}}}]\nphases: [{{name: build, steps: []}}]"
        ))
    };
    for good in ["Load_ssh-keys", "LOAD", "3rd", "-_-"] {
        step(good).expect(good);
        phase(good).expect(good);
        variable("parameters", good).expect(good);
        variable("constants", good).expect(good);
    }
    for bad in ["Load ssh keys", "a.bc", "a/bc", "Schlüssel", "a\tb", "a:b"] {
        assert_eq!(
            step(bad).unwrap_err(),
            format!("Invalid step name '{bad}' in phase 'build'. {ALLOWED}")
        );
        assert_eq!(
            phase(bad).unwrap_err(),
            format!("Invalid phase name '{bad}'. {ALLOWED}")
        );
        variable("parameters", bad).expect_err(bad);
        variable("constants", bad).expect_err(bad);
    }
}

/// The User Guide's page on action modules says of each where it runs.
#[test]
fn a_platform_lacks_some_modules() {
    for (action, inputs, platforms) in [
        ("ExecuteBash", "{commands: [id]}", [true, false, true]),
        (
            "ExecutePowerShell",
            "{commands: [dir]}",
            [false, true, false],
        ),
        ("InstallMSI", "{path: a.msi}", [false, true, false]),
        ("UninstallMSI", "{path: a.msi}", [false, true, false]),
        (
            "SetRegistry",
            "{path: a, name: b, value: c, type: SZ}",
            [false, true, false],
        ),
        ("ExecuteBinary", "{path: id}", [true, true, true]),
        ("UpdateOS", "{}", [true, true, true]),
    ] {
        for (platform, runs) in ["Linux", "Windows", "macOS"].into_iter().zip(platforms) {
            let steps = format!("{{name: It, action: {action}, inputs: {inputs}}}");
            let read = on(
                platform,
                &format!("phases: [{{name: build, steps: [{steps}]}}]"),
            );
            assert_eq!(read.is_ok(), runs, "{action} on {platform}: {read:?}");
        }
    }
    assert_eq!(
        of_step("{name: InstallNginx, action: InvokeBash, inputs: {commands: [id]}}").unwrap_err(),
        "Parsing step 'InstallNginx' in phase 'build' failed. Error: Unsupported action InvokeBash for os \
         platform linux.",
        "seen in a PowerShell user's notes on New-EC2IBComponent"
    );
}

/// CreateComponent refuses undeclared references (aws-samples, awstoe/README.md).
#[test]
fn references_lead_somewhere() {
    let command = |reference: &str| {
        of(&format!(
            "parameters: [{{Level: {{type: string}}}}]
constants: [{{BASE: {{type: string, value: /opt}}}}]
phases:
  - name: build
    steps:
      - {{name: First, action: ExecuteBash, inputs: {{commands: [id]}}}}
      - {{name: Download, action: S3Download, inputs: [{{source: a, destination: b}}]}}
      - {{name: Last, action: ExecuteBash, inputs: {{commands: [\"echo '{reference}'\"]}}}}"
        ))
    };
    for good in [
        "{{ Level }}",
        "{{BASE}} {{ Level}}",
        "{{ build.First.outputs.stdout }}",
        "{{build.Download.inputs[0].destination}}",
        "{{ loop.value }} {{ loop.index }} {{ Outer.value }}",
        "{{ aws:ssm:/a/parameter }} {{ aws:ssm:resolve(Level) }}",
        "{{ imagebuilder:buildDate }}",
        "{{.State}} {{ 1 }} {{ }} {{ item.value }} {{ a | b }} }} {{",
    ] {
        command(good).expect(good);
    }
    for bad in [
        "{{ Levle }}",
        "{{ level }}",
        "{{ Level }} {{Nothing}}",
        "{{ build.Frist.outputs.stdout }}",
        "{{ biuld.First.outputs.stdout }}",
        "{{ validate.First.outputs.stdout }}",
        "{{ build.First.outputs.stderr }}",
        "{{ build.Downlaod.inputs[0].destination }}",
    ] {
        let error = command(bad).expect_err(bad);
        assert!(
            error.starts_with("Parsing step 'Last' in phase 'build' failed."),
            "{error}"
        );
    }
    for place in [
        "{name: Run, action: UpdateOS, if: {stringEquals: a, value: '{{ Nothing }}'}}",
        "{name: Run, action: UpdateOS, loop: {forEach: ['{{ Nothing }}']}}",
        "{name: Run, action: UpdateOS, inputs: {include: ['{{ Nothing }}']}}",
    ] {
        of_step(place).expect_err(place);
    }
}
