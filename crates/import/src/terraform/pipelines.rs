//! Image pipelines: which recipe is built where and when.

use super::resources::{Resource, items};
use super::within;
use crate::draft::{Draft, agree};
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::value::Value;

/// The expression of a schedule.
const EXPRESSION: &str = "schedule_expression";
/// The condition that something is new.
const DEPENDENCIES: &str = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE";

/// What a pipeline connects, by ARN.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) recipe: String,
    pub(super) infrastructure: String,
    pub(super) distribution: String,
    /// Whether it builds on a schedule.
    pub(super) is_scheduled: bool,
}

/// The pipelines of a state; their schedule is the environment's.
pub(super) fn read(
    resources: &[Resource],
    draft: &mut Draft,
    ledger: &mut Ledger,
) -> Vec<Pipeline> {
    let all = resources
        .iter()
        .filter(|resource| resource.kind == "aws_imagebuilder_image_pipeline");
    all.map(|resource| pipeline(resource, draft, ledger))
        .collect()
}

fn pipeline(resource: &Resource, draft: &mut Draft, ledger: &mut Ledger) -> Pipeline {
    let is_enabled = resource.text("status") != "DISABLED";
    let schedules = items(resource.values.get("schedule"));
    let is_scheduled = is_enabled
        && schedules
            .iter()
            .any(|schedule| !known(schedule, EXPRESSION).is_empty());
    for schedule in &schedules {
        read_schedule(schedule, resource, draft, ledger);
    }
    what_else(resource, ledger);
    Pipeline {
        recipe: resource.text("image_recipe_arn"),
        infrastructure: resource.text("infrastructure_configuration_arn"),
        distribution: resource.text("distribution_configuration_arn"),
        is_scheduled,
    }
}

/// A text of a block; empty if it is not known.
fn known(block: &Value, key: &str) -> String {
    let text = block.get(key).map(Value::text);
    text.and_then(Result::ok).unwrap_or_default()
}

fn read_schedule(schedule: &Value, resource: &Resource, draft: &mut Draft, ledger: &mut Ledger) {
    let place = within(resource, "schedule");
    let zone = known(schedule, "timezone");
    if !["", "UTC", "Etc/UTC"].contains(&zone.as_str()) {
        let why = "the schedule of an environment is in UTC, and its hours were not changed";
        let hint = "change the hours of `schedule`";
        ledger.hinted(LeftKind::Unsupported, &place, &zone, why, hint);
    }
    if known(schedule, "pipeline_execution_start_condition") == DEPENDENCIES {
        let why = "the schedule builds whether or not a base AMI or a component is new";
        ledger.left(
            LeftKind::Unneeded,
            &place,
            "a condition for new dependencies",
            why,
        );
    }
    let expression = whole(&known(schedule, EXPRESSION), ledger, resource);
    agree(
        &mut draft.shared.schedule,
        expression,
        &place,
        Clone::clone,
        ledger,
    );
}

fn what_else(resource: &Resource, ledger: &mut Ledger) {
    // A provider writes an empty list where nothing was set.
    if !items(resource.values.get("image_scanning_configuration")).is_empty() {
        let place = within(resource, "image_scanning_configuration");
        let why = "goldsmith has no such setting";
        let hint = "a test component may scan; see docs/gates.md";
        ledger.hinted(LeftKind::Unsupported, &place, "scanning", why, hint);
    }
    if !items(resource.values.get("workflow")).is_empty() {
        let place = within(resource, "workflow");
        let why = "builds run by Image Builder's own workflows";
        let hint = "write what it does as components";
        ledger.hinted(LeftKind::Unsupported, &place, "workflows", why, hint);
    }
    let tests = items(resource.values.get("image_tests_configuration"));
    if tests
        .iter()
        .any(|tests| known(tests, "image_tests_enabled") == "false")
    {
        let place = within(resource, "image_tests_configuration");
        let why = "every image is tested; without a test component there is nothing to run";
        ledger.left(
            LeftKind::Unneeded,
            &place,
            "image_tests_enabled = false",
            why,
        );
    }
}

/// An expression with all six fields. Image Builder may leave out the year, and EventBridge may not.
fn whole(expression: &str, ledger: &mut Ledger, resource: &Resource) -> Option<String> {
    let place = within(resource, "schedule");
    let fields = expression
        .strip_prefix("cron(")
        .and_then(|rest| rest.strip_suffix(')'));
    let parts: Vec<&str> = fields.unwrap_or_default().split_whitespace().collect();
    match parts.len() {
        6 => Some(format!("cron({})", parts.join(" "))),
        5 => {
            let whole = format!("cron({} *)", parts.join(" "));
            ledger.decided(
                Some(&place),
                "schedule",
                &whole,
                "EventBridge needs the year",
            );
            Some(whole)
        }
        _ if expression.starts_with("rate(") => Some(expression.to_owned()),
        _ if expression.is_empty() => None,
        _ => {
            ledger.left(
                LeftKind::Invalid,
                &place,
                expression,
                "expected `cron(...)` or `rate(...)`",
            );
            None
        }
    }
}
