//! What the User Guide allows and forbids in workflow documents.

use super::*;

const LAUNCH: &str = "{name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}";

fn of_steps(steps: &str, kind: WorkflowKind) -> Result<WorkflowDocument, String> {
    parse(&format!("schemaVersion: 1.0\nsteps: [{steps}]"), kind).map_err(|error| error.to_string())
}

fn step(more: &str) -> Result<Step, String> {
    let text = format!("{{name: Wait, action: WaitForAction, {more}}}");
    Ok(of_steps(&text, WorkflowKind::Build)?.steps.remove(0))
}

/// The User Guide's example.
const EXAMPLE: &str = "---
name: sample-test-image
description: Workflow for a sample image
schemaVersion: 1.0
parameters:
  - name: waitForActionAtEnd
    type: boolean
    default: true
    description: Wait for somebody
steps:
  - name: LaunchTestInstance
    action: LaunchInstance
    onFailure: Abort
    inputs:
      waitFor: \"ssmAgent\"
  - name: TerminateTestInstance
    action: TerminateInstance
    onFailure: Continue
    timeoutSeconds: 900
    inputs:
      instanceId.$: \"$.stepOutputs.LaunchTestInstance.instanceId\"
  - name: WaitForActionAtEnd
    action: WaitForAction
    if:
      booleanEquals: true
      value: \"$.parameters.waitForActionAtEnd\"
outputs:
  - name: 'tested'
    value: '$.stepOutputs.LaunchTestInstance.instanceId'
";

#[test]
fn the_documented_example_is_read() {
    let document = parse(EXAMPLE, WorkflowKind::Test).unwrap();
    assert_eq!(
        document.parameters[0].default_values(),
        Some(vec!["true".to_owned()])
    );
    let [launch, terminate, wait] = document.steps.as_slice() else {
        panic!("{document:?}")
    };
    assert_eq!(
        (launch.timeout_seconds, launch.on_failure),
        (75 * 60, OnFailure::Abort)
    );
    assert_eq!(
        (terminate.timeout_seconds, terminate.on_failure),
        (900, OnFailure::Continue)
    );
    assert_eq!(
        terminate.inputs["instanceId.$"],
        "$.stepOutputs.LaunchTestInstance.instanceId"
    );
    assert_eq!(wait.condition.as_ref().unwrap()["booleanEquals"], true);
    assert_eq!(
        (wait.max_attempts, wait.timeout_seconds),
        (1, 3 * 24 * 3600)
    );
    let json = serde_json::to_string(&document).unwrap();
    assert_eq!(
        serde_json::from_str::<WorkflowDocument>(&json).unwrap(),
        document
    );
}

#[test]
fn actions_belong_to_stages() {
    let images = "inputs: {distributedImages.$: $.stepOutputs.Distribute.distributedImages}";
    for (steps, kinds) in [
        (LAUNCH.to_owned(), [true, true, true]),
        (
            "{name: Run, action: ExecuteComponents, inputs: {instanceId: i-1}}".into(),
            [true, true, false],
        ),
        (
            "{name: Scan, action: CollectImageScanFindings, inputs: {instanceId: i-1}}".into(),
            [false, true, false],
        ),
        (
            "{name: Copy, action: DistributeImage}".into(),
            [false, false, true],
        ),
        (
            format!("{{name: Share, action: ModifyImageAttributes, {images}}}"),
            [false, false, true],
        ),
        (
            format!("{{name: Apply, action: ApplyImageConfigurations, {images}}}"),
            [false, false, true],
        ),
        (
            "{name: Push, action: DistributeContainerImage, inputs: {instanceId: i-1}}".into(),
            [false, false, true],
        ),
        (
            "{name: Iso, action: CreateImageFromIso, inputs: {instanceId: i-1}}".into(),
            [true, true, true],
        ),
    ] {
        let stages = [
            WorkflowKind::Build,
            WorkflowKind::Test,
            WorkflowKind::Distribution,
        ];
        assert_eq!(
            stages.map(|kind| of_steps(&steps, kind).is_ok()),
            kinds,
            "{steps}"
        );
    }
    let both = "{name: Copy, action: DistributeImage},
                {name: Push, action: DistributeContainerImage, inputs: {instanceId: i-1}}";
    let error = of_steps(both, WorkflowKind::Distribution).unwrap_err();
    assert!(error.contains("cannot be combined"), "{error}");
}

#[test]
fn timeouts_have_a_maximum_for_each_action() {
    assert_eq!(
        step("timeoutSeconds: 604800").unwrap().timeout_seconds,
        604_800
    );
    for bad in ["604801", "0", "-1", "soon"] {
        step(&format!("timeoutSeconds: {bad}")).unwrap_err();
    }
}

#[test]
fn steps_need_what_their_action_requires() {
    for (steps, missing) in [
        ("{name: Launch, action: LaunchInstance}", "waitFor"),
        (
            "{name: Run, action: RunCommand, inputs: {instanceId: i-1}}",
            "documentName",
        ),
        (
            "{name: Make, action: CreateImage, inputs: {}}",
            "instanceId",
        ),
        (
            "{name: Run, action: ExecuteStateMachine}",
            "stateMachineArn",
        ),
        ("{action: WaitForAction}", "'name' is missing"),
        ("{name: Wait}", "'action' is missing"),
        (
            "{name: Wait, action: Sleep}",
            "'Sleep' is not a step action",
        ),
        (
            "{name: Wait, action: WaitForAction, onFailed: Abort}",
            "onFailed",
        ),
        (
            "{name: Wait, action: WaitForAction, onFailure: Ignore}",
            "expected Abort or Continue",
        ),
        ("{name: W, action: WaitForAction}", "3 to 128"),
        (
            "{name: Wait, action: WaitForAction}, {name: Wait, action: WaitForAction}",
            "there twice",
        ),
    ] {
        let error = of_steps(steps, WorkflowKind::Build).unwrap_err();
        assert!(error.contains(missing), "{error}");
    }
}

#[test]
fn errors_say_where() {
    let text = format!(
        "schemaVersion: 1.0\nsteps:\n  - {LAUNCH}\n  - name: Wait\n    action: WaitForAction\n    \
                        if:\n      and:\n        - stringMatches: x\n          value: y\n"
    );
    let error = parse(&text, WorkflowKind::Build).unwrap_err().to_string();
    assert!(
        error.starts_with("step 'Wait', if, and (line 8): expected one of and, or, not"),
        "{error}"
    );
}

#[test]
fn conditions_have_one_operator() {
    for good in [
        "{stringEquals: AMI, value: $.imagebuilder.imageType}",
        "{not: {numberLessThan: 3, value: $.parameters.n}}",
        "{or: [{numberEquals: 1, value: 1}, {and: [{booleanEquals: true, value: true}]}]}",
    ] {
        step(&format!("if: {good}")).unwrap();
    }
    for bad in [
        "true",
        "{value: 1}",
        "{stringEquals: a}",
        "{and: {stringEquals: a, value: b}}",
        "{stringEquals: a, numberEquals: 1, value: 1}",
        "{not: {value: a}}",
    ] {
        step(&format!("if: {bad}")).unwrap_err();
    }
}

#[test]
fn roll_back_is_a_boolean_or_a_path() {
    assert_eq!(
        step("rollbackEnabled: false").unwrap().rollback_enabled,
        Some(false.into())
    );
    assert_eq!(
        step("rollbackEnabled: $.parameters.r")
            .unwrap()
            .rollback_enabled,
        Some("$.parameters.r".into())
    );
    step("rollbackEnabled: perhaps").unwrap_err();
}

#[test]
fn defaults_have_the_type_of_their_parameter() {
    let parse_one = |parameter: &str| {
        let text = format!(
            "schemaVersion: 1.0\nparameters: [{{name: one, {parameter}}}]\nsteps: [{LAUNCH}]"
        );
        parse(&text, WorkflowKind::Build).map(|document| document.parameters[0].clone())
    };
    let values = |parameter| parse_one(parameter).unwrap().default_values();
    assert_eq!(
        values("default: 3"),
        Some(vec!["3".to_owned()]),
        "the type is string by default"
    );
    assert_eq!(
        values("type: integer, default: 3"),
        Some(vec!["3".to_owned()])
    );
    assert_eq!(
        values("type: stringList, default: [a, b]"),
        Some(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(values("type: boolean"), None);
    for bad in [
        "type: list",
        "type: integer, default: x",
        "type: boolean, default: 2",
        "type: stringList, default: x",
    ] {
        parse_one(bad).unwrap_err();
    }
}

#[test]
fn quotas_are_kept() {
    let steps = |count: usize| {
        let steps: Vec<_> = (0..count)
            .map(|at| format!("{{name: Wait{at}, action: WaitForAction}}"))
            .collect();
        of_steps(&steps.join(", "), WorkflowKind::Build)
    };
    assert!(steps(0).is_err() && steps(15).is_ok() && steps(16).is_err());
    let parameters = |count: usize| {
        let all: Vec<_> = (0..count).map(|at| format!("{{name: p{at}}}")).collect();
        parse(
            &format!(
                "schemaVersion: 1\nparameters: [{}]\nsteps: [{LAUNCH}]",
                all.join(", ")
            ),
            WorkflowKind::Build,
        )
    };
    assert!(parameters(25).is_ok() && parameters(26).is_err());
}

#[test]
fn names_have_letters_digits_dashes_and_underscores_only() {
    let parse_with = |more: &str| {
        parse(
            &format!("schemaVersion: 1.0\nsteps: [{LAUNCH}]\n{more}"),
            WorkflowKind::Build,
        )
    };
    for (name, fits) in [
        ("Image_Id-2", true),
        ("Image Id", false),
        ("a.b", false),
        ("ä", false),
    ] {
        let parameter = parse_with(&format!("parameters: [{{name: {name}}}]"));
        let output = parse_with(&format!("outputs: [{{name: {name}, value: x}}]"));
        let step = of_steps(
            &format!("{{name: {name}, action: WaitForAction}}"),
            WorkflowKind::Build,
        );
        assert_eq!(
            [parameter.is_ok(), output.is_ok(), step.is_ok()],
            [fits; 3],
            "{name}"
        );
    }
}
