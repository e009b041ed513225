//! Brings the world to what the documents say. Triggered by any upload, every hour, and by hand with
//! `{}`, `{"since": "<time>"}` or `{"dry-run": true}`; a trigger carries no decision, it only says "look again".

mod event;
mod measure;
mod notify;
mod reconcile;
mod record;
mod rejected;
mod waivers;

use event::{Request, Trigger};
use goldsmith_aws::announce::ask_once_a_day;
use goldsmith_aws::fault::chain;
use goldsmith_aws::{Aws, Deadline, is_of_another_environment, output};
use goldsmith_domain::announcement::Announcement;
use goldsmith_domain::deployment::Function;
use goldsmith_domain::report::Report;
use goldsmith_function::{FunctionError, Payload};
use lambda_runtime::LambdaEvent;
use reconcile::Invocation;
use serde_json::json;

/// Answers one invocation.
pub async fn handle(aws: Aws, event: LambdaEvent<Payload>) -> Result<Report, FunctionError> {
    let Some(request) = event::read(&event.payload)? else {
        return Ok(Report::default());
    };
    if let Some(image) = &request.image
        && is_of_another_environment(&aws, image).await?
    {
        tracing::info!(image.arn = %image, "ignored: it is an image of another environment");
        return Ok(Report::default());
    }
    let id = &event.context.request_id;
    let deadline = Deadline::at_millis(event.context.deadline);
    let invocation = Invocation { id, deadline };
    let mut run = reconcile::reconcile(&aws, &request, invocation).await?;
    measure::run(&run, request.trigger);
    if run.gave_way {
        goldsmith_function::record_report(&aws, "reconcile", id, &run.report).await;
        return Ok(run.report);
    }
    let notified = record::record(&aws, &request, id, &mut run.report).await;
    if request.trigger == Trigger::Hour {
        remind(&aws, &run.to_approve).await;
    }
    if run.goes_on_at_once {
        go_on_at_once(&aws).await;
    }
    match (request.trigger, run.retry) {
        (Trigger::Event | Trigger::Image | Trigger::Hour, Some(reason)) => {
            Err(FunctionError::Retry(reason))
        }
        (Trigger::Event | Trigger::Image | Trigger::Hour, None) => {
            Ok(notified.map(|()| run.report)?)
        }
        (Trigger::Person, _) => {
            // The caller gets the report in the answer.
            notified.unwrap_or_else(|error| {
                tracing::warn!(
                    error = chain(&error),
                    "the report is not stored as the last one"
                );
            });
            Ok(answer(&aws, &request, run.report).await)
        }
    }
}

/// Asks people once more, on each day that an image waits for them. What cannot be sent is sent within the hour.
async fn remind(aws: &Aws, to_approve: &[Announcement]) {
    for announcement in to_approve {
        if let Err(error) = ask_once_a_day(aws, announcement).await {
            let error = chain(&error);
            tracing::warn!(error, image.arn = %announcement.image, "nobody was reminded");
        }
    }
}

/// Has the next run start now: the hour would leave the rest of an upload alone for long.
async fn go_on_at_once(aws: &Aws) {
    let payload = json!({ "continue": true }).to_string();
    if let Err(error) = aws.run_later(Function::Reconcile, payload).await {
        let error = chain(&error);
        tracing::warn!(error, "the next run starts within the hour, not at once");
    }
}

/// What a person gets: the report of their run, and what other runs have done since the time that they ask for.
async fn answer(aws: &Aws, request: &Request, own: Report) -> Report {
    let Some(since) = &request.invoke.since else {
        return own;
    };
    match output::reports_since(aws, since).await {
        Ok(reports) => Report {
            runs_before: reports.before,
            ..own.together_with(&reports.newest)
        },
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(error, "the reports of other runs are not in the answer");
            own
        }
    }
}
