//! Cron expressions, as the User Guide's page "Use cron expressions in Image Builder" has them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use crate::engine::schedule::{
    day::Days,
    error::ScheduleError,
    field::{Allowed, Field},
};

const MINUTE: Allowed = Allowed {
    name: "minute",
    range: 0..=59,
    names: &[],
    steps: true,
};

const HOUR: Allowed = Allowed {
    name: "hour",
    range: 0..=23,
    names: &[],
    steps: true,
};

const YEAR: Allowed = Allowed {
    name: "year",
    range: 1970..=2199,
    names: &[],
    steps: true,
};

const MONTH: Allowed = Allowed {
    name: "month",
    range: 1..=12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    steps: true,
};

/// The content of `cron(...)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron {
    minute: Field,
    hour: Field,
    days: Days,
    month: Field,
    year: Field,
}

impl Cron {
    /// Six fields. The five of the form before 2021, which lacks the year, are refused
    /// (terraform-provider-aws, issue 17396).
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<_> = text.split(' ').collect();
        let &[minute, hour, day, month, week, year] = fields.as_slice() else {
            return Err(match fields.len() {
                0..6 => ScheduleError::TooShort(text.chars().count()),
                more => ScheduleError::Fields(more),
            });
        };
        Ok(Self {
            minute: Field::parse(minute, &MINUTE)?,
            hour: Field::parse(hour, &HOUR)?,
            days: Days::parse(day, week)?,
            month: Field::parse(month, &MONTH)?,
            year: Field::parse(year, &YEAR)?,
        })
    }

    /// The first match after a moment; none if the years are over.
    ///
    /// A time that daylight saving skips is not matched. A time that it repeats is matched the
    /// first time only. EventBridge Scheduler does so; for Image Builder it is not documented.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut passed = zone.to_datetime(after);
        loop {
            passed = self.next_local(passed)?;
            let here = zone.to_ambiguous_timestamp(passed);
            let skipped = matches!(here.offset(), AmbiguousOffset::Gap { .. });
            let found = here
                .earlier()
                .ok()
                .filter(|found| !skipped && *found > after);
            if found.is_some() {
                return found;
            }
        }
    }

    /// The first match on the wall clock after a time on it, seconds left aside: 12:00:30 is after
    /// the match at 12:00.
    fn next_local(&self, after: DateTime) -> Option<DateTime> {
        let mut date = after.date();
        while date.year() <= 2199 {
            let found = self
                .covers(date)
                .then(|| self.times(date, after).find(|time| *time > after));
            if let Some(found) = found.flatten() {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn covers(&self, date: Date) -> bool {
        self.year.matches(date.year().unsigned_abs())
            && self.month.matches(date.month().unsigned_abs().into())
            && self.days.matches(date)
    }

    /// The matches of a day, from the hour of `after` on if that is the day.
    fn times(&self, date: Date, after: DateTime) -> impl Iterator<Item = DateTime> {
        let first = if date == after.date() {
            after.hour().unsigned_abs().into()
        } else {
            0
        };
        let hours = self.hour.within(first..=*HOUR.range.end());
        hours.flat_map(move |hour| {
            self.minute.within(MINUTE.range).filter_map(move |minute| {
                let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
                Some(date.at(hour, minute, 0, 0))
            })
        })
    }
}
