//! The rules and what they invoke.

use aws_sdk_eventbridge::types::{RuleState, Target};
use goldsmith_domain::deployment::{Function, StackRule};

use super::Inspection;
use crate::fault::CallError;

impl Inspection<'_> {
    pub(super) async fn rule(&mut self, rule: StackRule) {
        let name = rule.name(&self.aws.stack.environment);
        if self.is_enabled(&name).await == Some(false) {
            self.fault(&name, "the rule is disabled or deleted");
        }
        for fault in self.lost_targets(rule, &name).await {
            self.fault(&name, fault);
        }
    }

    pub(super) async fn build_rule(&mut self) {
        let build = self.aws.resources.build_rule.clone();
        let lost = self.lost_targets(StackRule::Build, &build).await;
        self.found.build_rule_has_target = lost.is_empty();
    }

    async fn is_enabled(&mut self, rule: &str) -> Option<bool> {
        let call = self.aws.events.describe_rule().name(rule).send().await;
        let answer = call.map_err(|error| CallError::new("events:DescribeRule", error));
        self.existing(answer, |rule| {
            rule.is_some_and(|rule| rule.state != Some(RuleState::Disabled))
        })
    }

    /// What a rule does not do of what it should; nothing if that cannot be read.
    async fn lost_targets(&mut self, rule: StackRule, name: &str) -> Vec<String> {
        let call = self.aws.events.list_targets_by_rule().rule(name).send();
        let answer = call
            .await
            .map_err(|error| CallError::new("events:ListTargetsByRule", error));
        let targets = self.existing(answer, |answer| {
            answer.and_then(|answer| answer.targets).unwrap_or_default()
        });
        let Some(targets) = targets else {
            return Vec::new();
        };
        self.report_others(rule, name, &targets);
        let missing = |function: &&Function| !invokes(&targets, &function.arn(&self.aws.stack));
        let lost = rule.functions().iter().filter(missing);
        let told =
            |one: &Function| format!("the rule does not hand its events on to {}", one.as_str());
        lost.map(told).collect()
    }

    /// Targets that the template does not have: whoever adds one gets what the rule gets.
    fn report_others(&mut self, rule: StackRule, name: &str, targets: &[Target]) {
        let stack = self.aws.stack.clone();
        let is_ours = |target: &&Target| {
            let functions = rule.functions().iter();
            functions
                .map(|function| function.arn(&stack))
                .any(|function| is_plain(target, &function))
        };
        for other in targets.iter().filter(|target| !is_ours(target)) {
            let (id, arn) = (&other.id, &other.arn);
            self.fault(name, format!("the rule also has the target {id}: {arn}"));
        }
    }
}

/// Whether a target gets a function the event itself: with an input of somebody's, an hourly run could be a
/// dry run.
fn is_plain(target: &Target, function: &str) -> bool {
    target.arn == function
        && target.input.is_none()
        && target.input_path.is_none()
        && target.input_transformer.is_none()
}

fn invokes(targets: &[Target], function: &str) -> bool {
    targets.iter().any(|target| is_plain(target, function))
}
