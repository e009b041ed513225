//! The stack: is it there, which release does it run, and when has it run?

use goldsmith_aws::fault::{Fault, chain};
use goldsmith_aws::operator::{ContextError, StackName, consumer_roles};
use goldsmith_aws::operator::{Session, account_quotas};
use goldsmith_aws::{Aws, output};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::release::Release;
use goldsmith_domain::report::Report;
use jiff::{SignedDuration, Timestamp};

use super::account::{LONGEST, Person};
use super::documents::Local;
use super::model::Check;
use super::{consumers, quotas, within};
use crate::render::when::age;
use crate::shell::word;

/// The stack runs every hour: after two, at least one run is missing.
const LATE: SignedDuration = SignedDuration::from_hours(2);
/// The page that says how to deploy.
const DEPLOY: &str = "docs/deploy.md#2-deploy";

/// The names of the checks that need a stack.
const OF_STACK: [&str; 4] = ["release", "last-run", "quotas", "consumers"];

/// Looks at the stack, with what the documents ask for.
pub async fn look(person: Person, stack: Option<StackName>, local: &Local) -> Vec<Check> {
    let Some(session) = person.session else {
        return skipped("stack", "there are no credentials that AWS takes");
    };
    let Some(stack) = stack else {
        return skipped("stack", "no stack is named; --against names one");
    };
    let region = session.region();
    match deployed(session, &stack).await {
        Err(check) => std::iter::once(check)
            .chain(OF_STACK.map(|name| Check::skipped(name, "the stack was not read")))
            .collect(),
        Ok(aws) => {
            let found = format!("{stack} in {}, {region}", aws.stack.account);
            let mut checks = vec![Check::ok("stack", found)];
            let (of_report, of_desired) = tokio::join!(
                reported(&aws, &stack),
                asked(&aws, local, person.caller.as_ref())
            );
            checks.extend(of_report);
            checks.extend(of_desired);
            checks
        }
    }
}

fn skipped(name: &'static str, why: &str) -> Vec<Check> {
    std::iter::once(name)
        .chain(OF_STACK)
        .map(|name| Check::skipped(name, why))
        .collect()
}

/// The clients of the stack. Errors: the check that failed.
async fn deployed(session: Session, stack: &StackName) -> Result<Aws, Check> {
    let region = session.region();
    let operator = session.operator(stack.clone());
    let looked = within(LONGEST, operator.look()).await;
    let (found, remedy) = match looked {
        Ok(Ok(aws)) => return Ok(aws),
        Ok(Err(ContextError::Call(error))) if error.fault == Fault::NotFound => {
            (format!("there is no stack {stack} in {region}"), DEPLOY)
        }
        Ok(Err(ContextError::Call(error))) if error.fault == Fault::Denied => {
            (chain(&error), "docs/operations.md#who-may-do-what")
        }
        Ok(Err(error @ ContextError::Call(_))) => (chain(&error), "aws sts get-caller-identity"),
        Ok(Err(error @ ContextError::Environment { .. })) => (chain(&error), DEPLOY),
        Err(why) => (why, "aws sts get-caller-identity"),
    };
    Err(Check::failed("stack", found, remedy))
}

/// What the last run says: its release, and when it was.
async fn reported(aws: &Aws, stack: &StackName) -> [Check; 2] {
    let latest = match within(LONGEST, output::latest(aws)).await {
        Ok(Ok((latest, _))) => latest,
        Ok(Err(error)) => return unread(&chain(&error)),
        Err(why) => return unread(&why),
    };
    let report = latest.map(|latest| latest.report);
    [
        release(report.as_ref(), &Release::current()),
        last_run(report.as_ref(), &stack.to_string(), Timestamp::now()),
    ]
}

fn unread(why: &str) -> [Check; 2] {
    ["release", "last-run"]
        .map(|name| Check::skipped(name, format!("the last report was not read: {why}")))
}

/// Whether the stack runs the release that this command is of.
fn release(report: Option<&Report>, own: &Release) -> Check {
    let Some(report) = report else {
        return Check::skipped("release", "the stack has not run yet");
    };
    match &report.release {
        None => Check::warning(
            "release",
            format!(
                "this command is {own}, and the stack runs an earlier release, which does not say its name"
            ),
            DEPLOY,
        ),
        Some(of_stack) if of_stack.is_older_than(own) => Check::warning(
            "release",
            format!("this command is {own}, and the stack runs {of_stack}, which is older"),
            DEPLOY,
        ),
        Some(of_stack) if own.is_older_than(of_stack) => Check::warning(
            "release",
            format!("this command is {own}, and the stack runs {of_stack}, which is newer"),
            "docs/deploy.md#1-get-the-functions",
        ),
        Some(of_stack) => Check::ok("release", format!("the stack runs {of_stack}")),
    }
}

/// Whether the stack runs at all, and whether its last run left something to a person.
fn last_run(report: Option<&Report>, stack: &str, now: Timestamp) -> Check {
    let command = |command: &str| format!("goldsmith {command} --against {}", word(stack));
    let Some(report) = report else {
        return Check::warning("last-run", "there was none yet", command("reconcile"));
    };
    let ago = age(&report.time, now).map_or_else(
        || "at an unknown time".to_owned(),
        |age| format!("{age} ago"),
    );
    let time: Option<Timestamp> = report.time.parse().ok();
    if time.is_none_or(|time| now.duration_since(time) > LATE) {
        let found = format!("it was {ago}, and one an hour is due");
        return Check::failed("last-run", found, command("reconcile"));
    }
    let urgent = report.refused.len()
        + report.failed.len()
        + report.not_attempted.len()
        + report.problems.len();
    match urgent {
        0 => Check::ok(
            "last-run",
            format!("it was {ago}, and left nothing to a person"),
        ),
        1 => Check::warning(
            "last-run",
            format!("it was {ago}, and 1 thing needs a person"),
            command("status"),
        ),
        urgent => Check::warning(
            "last-run",
            format!("it was {ago}, and {urgent} things need a person"),
            command("status"),
        ),
    }
}

/// What the documents ask for, against what the account has.
async fn asked(
    aws: &Aws,
    local: &Local,
    caller: Option<&goldsmith_aws::operator::Caller>,
) -> Vec<Check> {
    let Some(desired) = local.desired.as_deref() else {
        let names = ["quotas", "consumers"];
        let why = "there are no valid documents";
        return names.map(|name| Check::skipped(name, why)).into();
    };
    if aws.stack.environment != desired.environment {
        let found = format!(
            "the documents are of {}, and the stack is {}",
            desired.environment, aws.stack.environment
        );
        let names = ["quotas", "consumers"];
        return names.map(|name| Check::skipped(name, &*found)).into();
    }
    let (of_account, roles) = tokio::join!(
        within(LONGEST, account_quotas(aws)),
        within(LONGEST, consumers(aws, desired, local, caller)),
    );
    vec![
        quotas::check(desired, &of_account.unwrap_or_default()),
        roles.unwrap_or_else(|why| Check::skipped("consumers", why)),
    ]
}

async fn consumers(
    aws: &Aws,
    desired: &Desired,
    local: &Local,
    caller: Option<&goldsmith_aws::operator::Caller>,
) -> Check {
    let roles = consumer_roles(aws, desired).await;
    consumers::check(&roles, desired.unknown_blocks, caller, &local.argument())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;
    use crate::render::samples::entry;

    fn report(time: &str) -> Report {
        Report {
            time: time.to_owned(),
            ..Report::default()
        }
    }

    fn of(version: &str) -> Release {
        Release {
            version: version.to_owned(),
            commit: None,
        }
    }

    #[test]
    fn both_releases_are_named_and_the_same_one_is_fine() {
        let stack = |release: Option<Release>| Report {
            release,
            ..Report::default()
        };
        let own = of("1.1.0");
        let state = |report: Option<&Report>| release(report, &own).state;
        assert_eq!(state(None), State::Skipped);
        assert_eq!(state(Some(&stack(None))), State::Warning);
        assert_eq!(state(Some(&stack(Some(of("1.1.0"))))), State::Ok);
        for (other, end) in [("1.0.0", "which is older"), ("1.2.0", "which is newer")] {
            let check = release(Some(&stack(Some(of(other)))), &own);
            assert_eq!(check.state, State::Warning);
            assert_eq!(
                check.found,
                format!("this command is 1.1.0, and the stack runs {other}, {end}")
            );
        }
    }

    #[test]
    fn a_run_is_missing_after_two_hours_and_what_needs_a_person_is_counted() {
        let now: Timestamp = "2026-01-01T10:00:00Z".parse().expect("a time");
        let check = |report: Option<&Report>| last_run(report, "goldsmith-nonprod", now);
        let none = check(None);
        assert_eq!(
            (none.state, none.remedy.as_deref()),
            (
                State::Warning,
                Some("goldsmith reconcile --against goldsmith-nonprod")
            )
        );
        let fine = report("2026-01-01T08:00:00.000Z");
        assert_eq!(check(Some(&fine)).state, State::Ok);
        let late = report("2026-01-01T07:59:59.000Z");
        assert_eq!(check(Some(&late)).state, State::Failed);
        assert_eq!(check(Some(&report("never"))).state, State::Failed);
        let refused = Report {
            refused: vec![entry("k", "t", None)],
            ..fine
        };
        let check = check(Some(&refused));
        assert_eq!(
            (check.state, check.found.as_str(), check.remedy.as_deref()),
            (
                State::Warning,
                "it was 2 h ago, and 1 thing needs a person",
                Some("goldsmith status --against goldsmith-nonprod")
            )
        );
    }
}
