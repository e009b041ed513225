//! A field of a cron expression: numbers, names, ranges and increments.

use std::ops::RangeInclusive;

use crate::engine::schedule::error::ScheduleError;

/// What a field may hold.
pub(crate) struct Allowed {
    /// For error messages.
    pub name: &'static str,
    /// The smallest and the largest number.
    pub range: RangeInclusive<u16>,
    /// Names for the numbers from the smallest on; none if there are no names.
    pub names: &'static [&'static str],
    /// Whether `/` is allowed.
    pub steps: bool,
}

impl Allowed {
    /// A number or a name, upper or lower case.
    pub fn value(&self, text: &str) -> Result<u16, ScheduleError> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        let named = named
            .and_then(|index| u16::try_from(index).ok())
            .map(|index| index + self.range.start());
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        let value = named.or(number).filter(|value| self.range.contains(value));
        value.ok_or_else(|| self.refused(text))
    }

    /// The error of a part of this field.
    pub fn refused(&self, text: &str) -> ScheduleError {
        ScheduleError::Field {
            field: self.name,
            text: text.to_owned(),
        }
    }
}

/// Numbers that a field matches: a union of stepped ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    range: RangeInclusive<u16>,
    step: u16,
}

impl Field {
    /// `*`, `5`, `1-5`, `jan,mar`, `*/15`, `10/5` (from 10 to the end) or `0-30/5`.
    pub fn parse(text: &str, allowed: &Allowed) -> Result<Self, ScheduleError> {
        text.split(',')
            .map(|part| Part::parse(part, allowed))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the field matches a number.
    pub fn matches(&self, number: u16) -> bool {
        self.0.iter().any(|part| {
            part.range.contains(&number) && (number - part.range.start()).is_multiple_of(part.step)
        })
    }

    /// The numbers of a range that the field matches, in order.
    pub fn within(&self, range: RangeInclusive<u16>) -> impl Iterator<Item = u16> {
        range.filter(|number| self.matches(*number))
    }
}

impl Part {
    fn parse(text: &str, allowed: &Allowed) -> Result<Self, ScheduleError> {
        let Some((base, step)) = text.split_once('/') else {
            return Ok(Self {
                range: range(text, allowed, false)?,
                step: 1,
            });
        };
        let number = step
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| step.parse().ok())
            .flatten();
        let step = number.filter(|step| *step > 0 && allowed.steps);
        let step = step.ok_or_else(|| allowed.refused(text))?;
        Ok(Self {
            range: range(base, allowed, true)?,
            step,
        })
    }
}

fn range(
    text: &str,
    allowed: &Allowed,
    stepped: bool,
) -> Result<RangeInclusive<u16>, ScheduleError> {
    if text == "*" {
        return Ok(allowed.range.clone());
    }
    let Some((first, last)) = text.split_once('-') else {
        let first = allowed.value(text)?;
        return Ok(first..=if stepped { *allowed.range.end() } else { first });
    };
    let range = allowed.value(first)?..=allowed.value(last)?;
    if range.is_empty() {
        Err(allowed.refused(text))
    } else {
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Allowed = Allowed {
        name: "hour",
        range: 0..=23,
        names: &[],
        steps: true,
    };

    const DAY: Allowed = Allowed {
        name: "day",
        range: 1..=3,
        names: &["sun", "mon", "tue"],
        steps: false,
    };

    fn hours(text: &str) -> Vec<u16> {
        Field::parse(text, &HOUR).unwrap().within(0..=23).collect()
    }

    #[test]
    fn ranges_lists_and_increments() {
        assert_eq!(hours("5"), [5]);
        assert_eq!(hours("1-3,7"), [1, 2, 3, 7]);
        assert_eq!(hours("*/8"), [0, 8, 16]);
        assert_eq!(hours("10/5"), [10, 15, 20]);
        assert_eq!(hours("1-6/2"), [1, 3, 5]);
        assert_eq!(hours("*").len(), 24);
    }

    #[test]
    fn names_count_from_the_first_number_in_either_case() {
        let days = Field::parse("SUN,tue", &DAY).unwrap();
        assert_eq!(days.within(1..=3).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "", "24", "-1", "5-", "7-3", "+5", "*/0", "*/", "/5", "1,,2", "mon", "1-2-3", "5/5/5",
        ] {
            assert!(Field::parse(text, &HOUR).is_err(), "{text}");
        }
        for text in ["0", "4", "*/2", "wed", "?"] {
            assert!(Field::parse(text, &DAY).is_err(), "{text}");
        }
    }
}
