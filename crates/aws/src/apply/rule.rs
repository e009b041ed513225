//! The rule that starts scheduled builds.

use aws_sdk_eventbridge::types::{DeadLetterConfig, Target};
use goldsmith_domain::deployment::{Function, undelivered};
use goldsmith_domain::observed::Rule;

use crate::Aws;
use crate::fault::{CallError, Fault};

/// Replaces the build rule with everything that was observed: `PutRule` removes what it is not given.
pub(super) async fn put(aws: &Aws, rule: &Rule) -> Result<(), CallError> {
    let call = aws
        .events
        .put_rule()
        .name(&rule.name)
        .set_schedule_expression(rule.schedule.clone())
        .set_event_pattern(rule.event_pattern.clone())
        .set_description(rule.description.clone())
        .set_role_arn(rule.role_arn.clone())
        .set_state(rule.state.as_deref().map(Into::into));
    call.send()
        .await
        .map_err(|error| CallError::new("events:PutRule", error))?;
    if rule.has_target == Some(true) {
        put_target(aws, &rule.name).await?;
    }
    Ok(())
}

/// Gives the build rule the target that the deployment gave it, with the queue for what does not arrive.
async fn put_target(aws: &Aws, rule: &str) -> Result<(), CallError> {
    const OPERATION: &str = "events:PutTargets";
    let function = Function::ScheduledBuild;
    let queue = DeadLetterConfig::builder().arn(undelivered(&aws.stack));
    let target = Target::builder()
        .id(function.as_str())
        .arn(function.arn(&aws.stack))
        .dead_letter_config(queue.build())
        .build();
    let target = target.map_err(|error| CallError::rejected(OPERATION, Fault::Permanent, error))?;
    let answer = aws.events.put_targets().rule(rule).targets(target).send();
    let answer = answer
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    // Targets fail one by one in an answer that says it went well.
    match answer.failed_entries().first() {
        None => Ok(()),
        Some(failed) => {
            let code = failed.error_code().unwrap_or("an unknown error");
            let code = format!("the target was not taken: {code}");
            Err(CallError::rejected(OPERATION, Fault::Permanent, code))
        }
    }
}
