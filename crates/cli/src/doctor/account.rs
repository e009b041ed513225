//! Credentials, Region and clock: what every call of AWS needs.

use std::time::Duration;

use goldsmith_aws::fault::chain;
use goldsmith_aws::operator::{Caller, Identity, Session, Unconfigured};
use goldsmith_domain::desired::Desired;
use jiff::SignedDuration;

use super::model::Check;
use super::within;
use crate::error::Hint as _;

/// A clock that is this wrong will soon be too wrong.
const NOTICEABLE: SignedDuration = SignedDuration::from_secs(60);
/// AWS refuses what was signed more than five minutes ago (IAM user guide, "Troubleshoot Signature Version 4 signing").
const REFUSED: SignedDuration = SignedDuration::from_mins(5);

/// How long AWS may take to say who calls.
pub const LONGEST: Duration = Duration::from_secs(10);

/// What the person has: the session, unless AWS refuses it, and who that is.
#[derive(Debug, Default)]
pub struct Person {
    /// The Region and the credentials.
    pub session: Option<Session>,
    /// Whose they are.
    pub caller: Option<Caller>,
}

/// Looks for credentials, and asks whose they are.
pub async fn look(desired: Option<&Desired>) -> (Person, Vec<Check>) {
    let session = match within(LONGEST, Session::from_env()).await {
        Ok(Ok(session)) => session,
        Ok(Err(error)) => return (Person::default(), unconfigured(&error)),
        Err(why) => {
            let found = format!("no credentials were found: {why}");
            let check = Check::failed("credentials", found, "aws sts get-caller-identity");
            return (Person::default(), with_skipped(&check));
        }
    };
    let region = region(&session.region(), desired);
    let identity = match within(LONGEST, session.identity()).await {
        Ok(identity) => identity,
        Err(why) => {
            let found = format!("AWS was not reached: {why}");
            let check = Check::failed("credentials", found, "aws sts get-caller-identity");
            let clock = Check::skipped("clock", "AWS was not asked");
            return (Person::default(), vec![check, region, clock]);
        }
    };
    let checks = vec![credentials(&identity), region, clock(identity.ahead)];
    let caller = identity.caller.ok();
    let person = Person {
        session: Some(session).filter(|_| caller.is_some()),
        caller,
    };
    (person, checks)
}

fn unconfigured(error: &Unconfigured) -> Vec<Check> {
    let (name, remedy) = match error {
        Unconfigured::Region => ("region", "export AWS_REGION=us-east-1"),
        Unconfigured::Credentials(_) => ("credentials", "aws sso login"),
    };
    let hint = error.hint().unwrap_or_default();
    with_skipped(&Check::failed(name, format!("{error}; {hint}"), remedy))
}

/// The check that failed, among the others, which were not made.
fn with_skipped(failed: &Check) -> Vec<Check> {
    let of = |name| {
        if name == failed.name {
            failed.clone()
        } else {
            Check::skipped(name, "AWS was not asked")
        }
    };
    ["credentials", "region", "clock"].map(of).into()
}

fn credentials(identity: &Identity) -> Check {
    match &identity.caller {
        Ok(caller) => Check::ok(
            "credentials",
            format!("{} in account {}", caller.arn, caller.account),
        ),
        Err(error) => Check::failed(
            "credentials",
            format!("AWS does not take them: {}", chain(error)),
            "aws sts get-caller-identity",
        ),
    }
}

/// A Region that the documents do not name builds nothing of theirs.
fn region(configured: &str, desired: Option<&Desired>) -> Check {
    let named = |desired: &Desired| {
        desired
            .regions
            .keys()
            .any(|each| each.as_str() == configured)
    };
    let first = |desired: &Desired| desired.regions.keys().next().cloned();
    match desired.filter(|desired| !named(desired)).and_then(first) {
        Some(first) => Check::warning(
            "region",
            format!("{configured}, which is none of the documents' Regions"),
            format!("export AWS_REGION={first}"),
        ),
        None => Check::ok("region", configured),
    }
}

fn clock(ahead: Option<SignedDuration>) -> Check {
    let Some(ahead) = ahead else {
        return Check::skipped("clock", "the answer of AWS has no time");
    };
    let seconds = ahead.as_secs().unsigned_abs();
    let direction = if ahead.is_positive() {
        "behind"
    } else {
        "ahead of"
    };
    let found = format!("this machine's clock is {seconds} s {direction} that of AWS");
    if ahead.abs() >= REFUSED {
        let found = format!("{found}; AWS refuses what it signs");
        Check::failed("clock", found, "timedatectl set-ntp true")
    } else if ahead.abs() >= NOTICEABLE {
        Check::warning("clock", found, "timedatectl set-ntp true")
    } else {
        Check::ok("clock", found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;

    #[test]
    fn a_clock_is_judged_by_what_aws_refuses() {
        for (seconds, state, found) in [
            (
                0,
                State::Ok,
                "this machine's clock is 0 s ahead of that of AWS",
            ),
            (
                59,
                State::Ok,
                "this machine's clock is 59 s behind that of AWS",
            ),
            (
                -60,
                State::Warning,
                "this machine's clock is 60 s ahead of that of AWS",
            ),
            (
                300,
                State::Failed,
                "this machine's clock is 300 s behind that of AWS; AWS refuses what it signs",
            ),
        ] {
            let check = clock(Some(SignedDuration::from_secs(seconds)));
            assert_eq!((check.state, check.found.as_str()), (state, found));
        }
        assert_eq!(clock(None).state, State::Skipped);
    }
}
