//! Schedule expressions: cron and rate.

use std::sync::LazyLock;

use jiff::{
    SignedDuration, Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::{
    engine::schedule::{cron::Cron, error::ScheduleError},
    records::schedule::Schedule,
};

/// The time zones that the emulator was built with: a schedule must mean the same on each machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// How many scheduled builds in a row fail before the pipeline is disabled, if no policy says so.
const DEFAULT_FAILURES: u32 = 5;

/// When a schedule matches.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Cron(Box<Cron>, TimeZone),
    Rate(SignedDuration),
}

impl Schedule {
    /// Errors: an expression or a time zone that is none. A schedule without an expression is fine.
    pub fn check(&self) -> Result<(), ScheduleError> {
        self.parsed().map(|_| ())
    }

    /// The first match after a moment, if there is one. A rate counts on from `last`, which is the
    /// last match, or the creation or the update of the pipeline.
    pub fn next(&self, last: Timestamp, after: Timestamp) -> Option<Timestamp> {
        match self.parsed().ok()?? {
            Expression::Cron(cron, zone) => cron.next(after, &zone),
            Expression::Rate(period) => {
                let passed = after.duration_since(last).as_secs() / period.as_secs();
                let seconds = period.as_secs().checked_mul(passed + 1)?;
                last.checked_add(SignedDuration::from_secs(seconds)).ok()
            }
        }
    }

    /// How many scheduled builds in a row may fail.
    pub fn failures(&self) -> u32 {
        self.auto_disable_policy
            .map_or(DEFAULT_FAILURES, |policy| policy.failure_count)
    }

    fn parsed(&self) -> Result<Option<Expression>, ScheduleError> {
        let zone = zone(self.timezone.as_deref().unwrap_or("UTC"))?;
        self.expression
            .as_deref()
            .map(|text| parse(text, zone))
            .transpose()
    }
}

fn zone(name: &str) -> Result<TimeZone, ScheduleError> {
    ZONES
        .get(name)
        .map_err(|_| ScheduleError::Zone(name.to_owned()))
}

fn parse(text: &str, zone: TimeZone) -> Result<Expression, ScheduleError> {
    let inside = |form| {
        text.strip_prefix(form)
            .and_then(|rest| rest.strip_suffix(')'))
    };
    if let Some(fields) = inside("cron(") {
        return Ok(Expression::Cron(Box::new(Cron::parse(fields)?), zone));
    }
    match inside("rate(") {
        Some(rate) => {
            let period = period(rate).ok_or_else(|| ScheduleError::Rate(rate.to_owned()))?;
            Ok(Expression::Rate(period))
        }
        None => Err(ScheduleError::Form(text.to_owned())),
    }
}

/// `1 day`, `12 hours`: the unit is singular for one and plural for more, as in EventBridge.
fn period(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_once(' ')?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let count: u32 = digits.then(|| number.parse().ok())??;
    let minutes = match (count, unit) {
        (1, "minute") | (2.., "minutes") => 1_i64,
        (1, "hour") | (2.., "hours") => 60,
        (1, "day") | (2.., "days") => 24 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_secs(i64::from(count) * minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::schedule::StartCondition;

    fn schedule(expression: &str, timezone: Option<&str>) -> Schedule {
        Schedule {
            expression: Some(expression.to_owned()),
            timezone: timezone.map(str::to_owned),
            pipeline_execution_start_condition: StartCondition::default(),
            auto_disable_policy: None,
        }
    }

    /// The first matches after a moment.
    fn matches(expression: &str, zone: Option<&str>, after: &str, count: usize) -> Vec<String> {
        let (schedule, mut now) = (
            schedule(expression, zone),
            after.parse::<Timestamp>().unwrap(),
        );
        let mut found = Vec::new();
        while let Some(next) = schedule.next(now, now).filter(|_| found.len() < count) {
            assert!(next > now, "{expression}: {next}");
            found.push(next.strftime("%Y-%m-%dT%H:%MZ").to_string());
            now = next;
        }
        found
    }

    /// Expressions, each with its first two matches.
    const MATCHES: [(&str, &str, &str); 12] = [
        (
            "cron(0 0 * * ? *)",
            "2026-01-31T00:00Z",
            "2026-02-01T00:00Z",
        ),
        (
            "cron(*/15 10 ? * mon-fri *)",
            "2026-01-30T10:15Z",
            "2026-01-30T10:30Z",
        ),
        (
            "cron(0 8 L * ? *)",
            "2026-01-31T08:00Z",
            "2026-02-28T08:00Z",
        ),
        (
            "cron(0 8 ? * fri#2 *)",
            "2026-02-13T08:00Z",
            "2026-03-13T08:00Z",
        ),
        (
            "cron(0 8 ? * 1 *)",
            "2026-02-01T08:00Z",
            "2026-02-08T08:00Z",
        ),
        (
            "cron(0 8 1W * ? *)",
            "2026-02-02T08:00Z",
            "2026-03-02T08:00Z",
        ),
        (
            "cron(0 8 31W * ? *)",
            "2026-01-30T08:00Z",
            "2026-03-31T08:00Z",
        ),
        (
            "cron(0 8 29 feb ? *)",
            "2028-02-29T08:00Z",
            "2032-02-29T08:00Z",
        ),
        (
            "cron(30 6 1,15 JAN,JUL ? 2027-2028)",
            "2027-01-01T06:30Z",
            "2027-01-15T06:30Z",
        ),
        (
            "cron(0 8 ? * tue *)",
            "2026-02-03T08:00Z",
            "2026-02-10T08:00Z",
        ),
        ("rate(1 day)", "2026-01-31T10:00Z", "2026-02-01T10:00Z"),
        ("rate(90 minutes)", "2026-01-30T11:30Z", "2026-01-30T13:00Z"),
    ];

    #[test]
    fn daily_monthly_and_by_name() {
        let start = "2026-01-30T10:00:00Z";
        for (expression, first, second) in MATCHES {
            let start = if expression.contains("31W") {
                "2026-01-30T07:00:00Z"
            } else {
                start
            };
            assert_eq!(
                matches(expression, None, start, 2),
                [first, second],
                "{expression}"
            );
        }
    }

    #[test]
    fn a_match_is_at_the_minute_and_after_the_moment() {
        let every = "cron(* * * * ? *)";
        assert_eq!(
            matches(every, None, "2026-01-01T00:00:59.999Z", 1),
            ["2026-01-01T00:01Z"]
        );
        assert_eq!(
            matches(every, None, "2026-01-01T00:01:00Z", 1),
            ["2026-01-01T00:02Z"]
        );
    }

    #[test]
    fn years_end() {
        assert!(matches("cron(0 0 1 1 ? 2020)", None, "2026-01-01T00:00:00Z", 1).is_empty());
        assert!(matches("cron(0 0 30 2 ? *)", None, "2026-01-01T00:00:00Z", 1).is_empty());
    }

    #[test]
    fn the_time_zone_moves_with_daylight_saving() {
        let zone = Some("Europe/Berlin");
        let daily = matches("cron(30 2 * * ? *)", zone, "2026-03-27T12:00:00Z", 3);
        assert_eq!(
            daily,
            [
                "2026-03-28T01:30Z",
                "2026-03-30T00:30Z",
                "2026-03-31T00:30Z"
            ]
        );
        let hourly = matches("cron(30 * * * ? *)", zone, "2026-10-24T23:45:00Z", 3);
        assert_eq!(
            hourly,
            [
                "2026-10-25T00:30Z",
                "2026-10-25T02:30Z",
                "2026-10-25T03:30Z"
            ]
        );
    }

    #[test]
    fn expressions_are_read_strictly() {
        for expression in [
            "0 0 * * ? *",
            "cron(0 0 * * ? *) ",
            "cron( 0 0 * * ? *)",
            "cron(0  0 * * ? *)",
            "cron(0 0 * ? *)",
            "cron(0 0 * * *)",
            "cron(0 0 * * * *)",
            "cron(99 0 * * ? *)",
            "cron(a b c d e f)",
            "cron(0 0 * * SUN *)",
            "cron(0 0 ? * ? *)",
            "cron(0 0 * * ? * *)",
            "cron(60 0 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 0 0 * ? *)",
            "cron(0 0 32 * ? *)",
            "cron(0 0 ? * 8 *)",
            "cron(0 0 ? * fri#6 *)",
            "cron(0 0 ? * fri#+1 *)",
            "cron(0 0 LW * ? *)",
            "cron(0 0 * * ? 1969)",
            "cron(0 0 * * ? 2200)",
            "rate(0 days)",
            "rate(1 days)",
            "rate(2 day)",
            "rate(30 seconds)",
            "rate(1  day)",
            "rate(+1 day)",
            "at(2026-01-01T00:00:00)",
            "cron(0 0 * * ? *",
        ] {
            assert!(schedule(expression, None).check().is_err(), "{expression}");
        }
        assert!(
            schedule("rate(1 day)", Some("Mars/Olympus"))
                .check()
                .is_err()
        );
        assert!(
            schedule("rate(1 day)", Some("America/Los_Angeles"))
                .check()
                .is_ok()
        );
    }
}
