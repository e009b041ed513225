//! The two day fields of a cron expression, with `?`, `L`, `W` and `#`.

use jiff::civil::{Date, Weekday};

use crate::engine::schedule::{
    error::ScheduleError,
    field::{Allowed, Field},
};

const DAY_OF_MONTH: Allowed = Allowed {
    name: "day",
    range: 1..=31,
    names: &[],
    steps: true,
};

const DAY_OF_WEEK: Allowed = Allowed {
    name: "day of the week",
    range: 1..=7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    steps: false,
};

/// The days that an expression matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Days {
    /// By their number in the month.
    OfMonth(Vec<OfMonth>),
    /// By their weekday.
    OfWeek(Vec<OfWeek>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OfMonth {
    Numbers(Field),
    /// `L`
    Last,
    /// `15W`: the weekday nearest to the fifteenth, in the same month.
    Near(u16),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OfWeek {
    Numbers(Field),
    /// `fri#2`: the second Friday of the month.
    Nth(u16, u16),
}

impl Days {
    /// One field must be `?`.
    pub fn parse(of_month: &str, of_week: &str) -> Result<Self, ScheduleError> {
        match (of_month == "?", of_week == "?") {
            (true, false) => list(of_week, OfWeek::parse).map(Self::OfWeek),
            (false, true) => list(of_month, OfMonth::parse).map(Self::OfMonth),
            (true, true) | (false, false) => Err(ScheduleError::Days),
        }
    }

    /// Whether the expression matches a day, as far as these fields go.
    pub fn matches(&self, date: Date) -> bool {
        match self {
            Self::OfMonth(parts) => parts.iter().any(|part| part.matches(date)),
            Self::OfWeek(parts) => parts.iter().any(|part| part.matches(date)),
        }
    }
}

fn list<T>(
    text: &str,
    parse: fn(&str) -> Result<T, ScheduleError>,
) -> Result<Vec<T>, ScheduleError> {
    text.split(',').map(parse).collect()
}

impl OfMonth {
    fn parse(text: &str) -> Result<Self, ScheduleError> {
        match text.strip_suffix(['W', 'w']) {
            Some(number) => DAY_OF_MONTH.value(number).map(Self::Near),
            None if text.eq_ignore_ascii_case("L") => Ok(Self::Last),
            None => Field::parse(text, &DAY_OF_MONTH).map(Self::Numbers),
        }
    }

    fn matches(&self, date: Date) -> bool {
        match self {
            Self::Numbers(field) => field.matches(date.day().unsigned_abs().into()),
            Self::Last => date.day() == date.days_in_month(),
            Self::Near(number) => nearest_weekday(date, *number) == Some(date),
        }
    }
}

/// The weekday nearest to a day of the month of `date`; none if the month is too short.
fn nearest_weekday(date: Date, number: u16) -> Option<Date> {
    let day = i8::try_from(number).ok()?;
    let wanted = Date::new(date.year(), date.month(), day).ok()?;
    let moved = match wanted.weekday() {
        Weekday::Saturday if day == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if day == wanted.days_in_month() => -2,
        Weekday::Sunday => 1,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => 0,
    };
    Date::new(date.year(), date.month(), day + moved).ok()
}

impl OfWeek {
    /// `L` is Sunday, which the User Guide calls the last day of the week.
    fn parse(text: &str) -> Result<Self, ScheduleError> {
        if text.eq_ignore_ascii_case("L") {
            return Field::parse("sun", &DAY_OF_WEEK).map(Self::Numbers);
        }
        let Some((day, week)) = text.split_once('#') else {
            return Field::parse(text, &DAY_OF_WEEK).map(Self::Numbers);
        };
        let weeks = ["1", "2", "3", "4", "5"];
        let week = (1..)
            .zip(weeks)
            .find(|(_, number)| *number == week)
            .map(|(number, _)| number);
        Ok(Self::Nth(
            DAY_OF_WEEK.value(day)?,
            week.ok_or_else(|| DAY_OF_WEEK.refused(text))?,
        ))
    }

    fn matches(&self, date: Date) -> bool {
        let weekday = u16::from(date.weekday().to_sunday_one_offset().unsigned_abs());
        match self {
            Self::Numbers(field) => field.matches(weekday),
            Self::Nth(day, week) => {
                weekday == *day && u16::from((date.day().unsigned_abs() - 1) / 7 + 1) == *week
            }
        }
    }
}
