//! `EventBridge`'s schedule expressions: `cron(...)` with six fields, and `rate(...)`.
//!
//! The grammar is that of the `EventBridge` user guide, "Cron expressions reference" and "Rate expressions
//! reference". What those pages do not describe is refused here: a schedule that `EventBridge` refuses fails
//! in every run. The crates for cron expressions read Unix's or Quartz's grammar, which is another one.

mod next;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::NameError;

name!(
    /// An `EventBridge` schedule expression: `cron(...)` with six fields, or `rate(...)`.
    ScheduleExpression,
    "a schedule: `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)`",
    |text| ScheduleExpression::flaw(text).is_none()
);

/// The most characters of an expression (`EventBridge` API reference, `PutRule`).
const LONGEST: usize = 256;

impl ScheduleExpression {
    /// The first thing in `text` that `EventBridge` does not take, as a sentence; none if it takes the whole.
    pub fn flaw(text: &str) -> Option<String> {
        if text.len() > LONGEST {
            return Some(format!("it may have at most {LONGEST} characters"));
        }
        let inner = |kind: &str| text.strip_prefix(kind)?.strip_suffix(')');
        match (inner("cron("), inner("rate(")) {
            (Some(fields), _) => cron_flaw(fields),
            (None, Some(rate)) => rate_flaw(rate),
            (None, None) => Some("it is `cron(...)` or `rate(...)`, in small letters".to_owned()),
        }
    }
}

/// The parts of a text between blanks; the pages name no other white space.
fn parts(text: &str) -> Vec<&str> {
    if text.starts_with(' ') || text.ends_with(' ') {
        return Vec::new();
    }
    text.split(' ').filter(|part| !part.is_empty()).collect()
}

fn cron_flaw(text: &str) -> Option<String> {
    let parts = parts(text);
    if parts.len() != FIELDS.len() {
        return Some(
            "inside of `cron()` are six fields with blanks between them, and none around them"
                .to_owned(),
        );
    }
    let wrong = FIELDS
        .iter()
        .zip(&parts)
        .find(|(field, part)| !field.takes(part));
    if let Some((field, part)) = wrong {
        return Some(format!(
            "`{}` is no {}, which is {}",
            part.escape_debug(),
            field.name,
            field.values
        ));
    }
    if (parts[2] == "?") == (parts[4] == "?") {
        return Some("exactly one of day-of-month and day-of-week is `?`".to_owned());
    }
    None
}

/// A field of a cron expression.
struct Field {
    name: &'static str,
    /// What it may be, for people.
    values: &'static str,
    first: u32,
    last: u32,
    /// How many digits a number of it may have.
    digits: usize,
    /// What stands for its numbers from 1 on.
    names: &'static [&'static str],
    /// The largest increment; none if the field has no `/`.
    largest_step: Option<u32>,
    /// What only this field takes, beside values, ranges, lists and increments.
    special: fn(&Field, &str) -> bool,
}

const FIELDS: [Field; 6] = [
    Field {
        largest_step: Some(59),
        ..plain("minute", "0-59 with `,` `-` `*` `/`", 0, 59)
    },
    Field {
        largest_step: Some(23),
        ..plain("hour", "0-23 with `,` `-` `*` `/`", 0, 23)
    },
    Field {
        largest_step: Some(31),
        special: is_day_of_month,
        ..plain(
            "day-of-month",
            "1-31 with `,` `-` `*` `?` `/` `L` `W`",
            1,
            31,
        )
    },
    Field {
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
        largest_step: Some(12),
        ..plain("month", "1-12 or JAN-DEC with `,` `-` `*` `/`", 1, 12)
    },
    Field {
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        digits: 1,
        special: is_day_of_week,
        ..plain(
            "day-of-week",
            "1-7 or SUN-SAT with `,` `-` `*` `?` `L` `#`",
            1,
            7,
        )
    },
    Field {
        digits: 4,
        largest_step: Some(229),
        ..plain("year", "1970-2199 with `,` `-` `*` `/`", 1970, 2199)
    },
];

const fn plain(name: &'static str, values: &'static str, first: u32, last: u32) -> Field {
    Field {
        name,
        values,
        first,
        last,
        digits: 2,
        names: &[],
        largest_step: None,
        special: |_, _| false,
    }
}

impl Field {
    fn takes(&self, text: &str) -> bool {
        text == "*" || (self.special)(self, text) || text.split(',').all(|item| self.is_item(item))
    }

    /// A value, a range, or either with an increment.
    fn is_item(&self, text: &str) -> bool {
        match text.split_once('/') {
            None => self.is_range(text),
            Some((start, step)) => {
                let most = self.largest_step.unwrap_or_default();
                (start == "*" || self.is_range(start))
                    && positive(step).is_some_and(|step| step <= most)
            }
        }
    }

    /// A value, or a range from a lower to a higher one, both as numbers or both as names.
    fn is_range(&self, text: &str) -> bool {
        let Some((from, to)) = text.split_once('-') else {
            return self.is_value(text);
        };
        let numbers = self.number(from).zip(self.number(to));
        let names = self.named(from).zip(self.named(to));
        numbers.or(names).is_some_and(|(from, to)| from <= to)
    }

    fn is_value(&self, text: &str) -> bool {
        self.number(text).or(self.named(text)).is_some()
    }

    fn number(&self, text: &str) -> Option<u32> {
        let is_short = (1..=self.digits).contains(&text.len());
        let number = digits(text).filter(|_| is_short)?;
        (self.first..=self.last).contains(&number).then_some(number)
    }

    fn named(&self, text: &str) -> Option<u32> {
        let names = (1..).zip(self.names);
        names
            .into_iter()
            .find_map(|(number, name)| (*name == text).then_some(number))
    }
}

/// Any day, the last one, the last weekday, or the weekday nearest to a day.
fn is_day_of_month(field: &Field, text: &str) -> bool {
    let nearest = text.strip_suffix('W').and_then(|day| field.number(day));
    matches!(text, "?" | "L" | "LW") || nearest.is_some()
}

/// Any day, the last one of a week, the last Friday of a month (`6L`), or its second Tuesday (`3#2`).
fn is_day_of_week(field: &Field, text: &str) -> bool {
    let last = text
        .strip_suffix('L')
        .is_some_and(|day| field.is_value(day));
    let instance = text.split_once('#').is_some_and(|(day, instance)| {
        field.is_value(day) && matches!(instance, "1" | "2" | "3" | "4" | "5")
    });
    matches!(text, "?" | "L") || last || instance
}

/// `1 hour`, `5 minutes`: singular exactly for one.
fn rate_flaw(text: &str) -> Option<String> {
    let singular = ["minute", "hour", "day"];
    let plural = ["minutes", "hours", "days"];
    let flaw = match parts(text).as_slice() {
        [value, unit] => match positive(value) {
            None => "its value is a whole number from 1 on, without sign or leading zero",
            Some(1) if singular.contains(unit) => return None,
            Some(1) => "after 1 its unit is `minute`, `hour` or `day`",
            Some(_) if plural.contains(unit) => return None,
            Some(_) => "its unit is `minutes`, `hours` or `days`",
        },
        _ => "inside of `rate()` are a value and a unit with a blank between them",
    };
    Some(flaw.to_owned())
}

/// A number from 1 on, as people write it.
fn positive(text: &str) -> Option<u32> {
    digits(text).filter(|_| !text.starts_with('0'))
}

/// A number of nothing but digits; `parse` alone also takes `+1`.
fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_flaw(text: &str, part: &str) {
        let flaw = ScheduleExpression::flaw(text).unwrap_or_else(|| panic!("{text} is taken"));
        assert!(flaw.contains(part), "{text}: {flaw}");
        assert!(text.parse::<ScheduleExpression>().is_err(), "{text}");
    }

    #[test]
    fn a_rate_is_singular_exactly_for_one() {
        for rate in [
            "rate(1 minute)",
            "rate(2 hours)",
            "rate(90 minutes)",
            "rate(1  day)",
            "rate(365 days)",
        ] {
            assert_eq!(ScheduleExpression::flaw(rate), None, "{rate}");
        }
        for unit in [
            "minutes",
            "hours",
            "days",
            "",
            "MINUTE",
            "second",
            "week",
            "minute\n",
            "min\u{FF55}te",
        ] {
            assert_flaw(
                &format!("rate(1 {unit})"),
                if unit.is_empty() {
                    "a value and a unit"
                } else {
                    "after 1"
                },
            );
        }
        for unit in ["minute", "hour", "day", "seconds", "Days", "days\t"] {
            assert_flaw(&format!("rate(5 {unit})"), "its unit");
        }
    }

    #[test]
    fn the_value_of_a_rate_is_a_plain_positive_number() {
        for value in [
            "0",
            "-1",
            "+5",
            "05",
            "1.5",
            "1e3",
            "\u{0665}",
            "\u{FF15}",
            "4294967296",
            "five",
            "5,6",
            "%35",
        ] {
            assert_flaw(&format!("rate({value} minutes)"), "whole number");
        }
        for rate in [
            "rate()",
            "rate(5)",
            "rate(minutes)",
            "rate( 5 minutes)",
            "rate(5 minutes )",
            "rate(5\tminutes)",
            "rate(5 minutes 5)",
        ] {
            assert_flaw(rate, "a value and a unit");
        }
    }

    #[test]
    fn a_schedule_is_a_cron_or_a_rate_and_nothing_around_it() {
        let long = format!("cron({} 6 ? * SUN *)", ["0"; 130].join(","));
        assert_flaw(&long, "at most 256");
        for text in [
            "",
            "every sunday",
            "CRON(0 6 ? * SUN *)",
            "cron(0 6 ? * SUN *) ",
            "\ncron(0 6 ? * SUN *)",
            "cron(0 6 ? * SUN *",
            "cron 0 6 ? * SUN *",
            "at(2027-01-01T00:00:00)",
            "rate(1 day)\0",
            "cron",
        ] {
            assert_flaw(text, "`cron(...)` or `rate(...)`");
        }
    }

    #[test]
    fn what_is_wrong_with_a_cron_expression_is_named() {
        assert_flaw(
            "cron(0 6 * * SUN *)",
            "exactly one of day-of-month and day-of-week is `?`",
        );
        assert_flaw("cron(0 6 ? * ? *)", "exactly one");
        assert_flaw("cron(61 25 ? * SUN *)", "`61` is no minute, which is 0-59");
        assert_flaw(
            "cron(0 6 ? * FOO *)",
            "`FOO` is no day-of-week, which is 1-7 or SUN-SAT",
        );
        assert_flaw("cron(0 6 ? * SUN 2200)", "`2200` is no year");
        assert_flaw("cron(0\t6 ? * SUN *)", "six fields");
        assert_flaw("cron(0 6 ? * SUN\n *)", "`SUN\\n` is no day-of-week");
    }
}
