//! When a schedule fires next.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{FIELDS, Field, ScheduleExpression, digits, parts};

/// How far ahead a firing is looked for: every day of a month that has a weekday comes within 28 years, and a
/// schedule that waits longer is one of the past.
const MOST_DAYS: usize = 366 * 28;

impl ScheduleExpression {
    /// The first firing after `now`, in UTC, as rules of `EventBridge` fire (user guide, "Creating a rule that
    /// runs on a schedule"). None for a rate, which counts from when the rule was made, and for a schedule that
    /// lies in the past.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let cron = self.as_str().strip_prefix("cron(")?.strip_suffix(')')?;
        let fields = parts(cron);
        let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
            return None;
        };
        let is_day = |date: Date| {
            FIELDS[5].matches(year, i64::from(date.year()))
                && FIELDS[3].matches(month, i64::from(date.month()))
                && is_day_of_month(day, date)
                && is_day_of_week(weekday, date)
        };
        let now = now.to_zoned(TimeZone::UTC).datetime();
        let minutes = |date: Date| {
            let hours = (0..24).filter(|value| FIELDS[1].matches(hour, i64::from(*value)));
            let of_hour = move |hour: i8| {
                let all = (0..60).filter(|value| FIELDS[0].matches(minute, i64::from(*value)));
                all.map(move |minute| date.at(hour, minute, 0, 0))
            };
            hours.flat_map(of_hour).find(|time| *time > now)
        };
        let days = std::iter::successors(Some(now.date()), |date| date.tomorrow().ok());
        let next = days
            .take(MOST_DAYS)
            .filter(|date| is_day(*date))
            .find_map(minutes)?;
        let zoned = next.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    }
}

impl Field {
    /// Whether a text of this field, which the grammar takes, is true of a value.
    fn matches(&self, text: &str, value: i64) -> bool {
        text == "*" || text.split(',').any(|item| self.item_matches(item, value))
    }

    fn item_matches(&self, item: &str, value: i64) -> bool {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let is_stepped = item.contains('/');
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (self.read(from), self.read(to)),
            None if range == "*" => (Some(self.first.into()), Some(self.last.into())),
            None if is_stepped => (self.read(range), Some(self.last.into())),
            None => (self.read(range), self.read(range)),
        };
        let (Some(from), Some(to), Some(step)) = (from, to, digits(step).map(i64::from)) else {
            return false;
        };
        (from..=to).contains(&value) && (value - from) % step.max(1) == 0
    }

    fn read(&self, text: &str) -> Option<i64> {
        self.number(text).or(self.named(text)).map(i64::from)
    }
}

fn is_day_of_month(text: &str, date: Date) -> bool {
    let day = |date: Date| i64::from(date.day());
    match text {
        "?" => true,
        "L" => date == date.last_of_month(),
        "LW" => date == nearest_weekday(date.last_of_month()),
        _ => match text.strip_suffix('W').and_then(digits) {
            Some(wanted) => is_nearest_weekday(i64::from(wanted), date),
            None => FIELDS[2].matches(text, day(date)),
        },
    }
}

/// Whether `date` is the weekday nearest to a day of its month, and in the same month.
fn is_nearest_weekday(wanted: i64, date: Date) -> bool {
    let wanted = i8::try_from(wanted).unwrap_or_default();
    let of_month = Date::new(date.year(), date.month(), wanted).ok();
    of_month.is_some_and(|wanted| date == nearest_weekday(wanted))
}

/// The weekday nearest to a date, in the same month.
fn nearest_weekday(date: Date) -> Date {
    let (is_first, is_last) = (date.day() == 1, date == date.last_of_month());
    let days = match (
        date.weekday() == Weekday::Saturday,
        date.weekday() == Weekday::Sunday,
    ) {
        (true, _) if is_first => 2,
        (true, _) => -1,
        (_, true) if is_last => -2,
        (_, true) => 1,
        (false, false) => 0,
    };
    date.saturating_add(days.days())
}

fn is_day_of_week(text: &str, date: Date) -> bool {
    // Sunday is 1.
    let today = i64::from(date.weekday().to_sunday_one_offset());
    let is_in_last_week = date.day() > date.days_in_month() - 7;
    if matches!(text, "?" | "L") {
        return text == "?" || today == 7;
    }
    if let Some(day) = text.strip_suffix('L') {
        return FIELDS[4].read(day) == Some(today) && is_in_last_week;
    }
    if let Some((day, instance)) = text.split_once('#') {
        let week = i64::from((date.day() - 1) / 7 + 1);
        return FIELDS[4].read(day) == Some(today) && digits(instance).map(i64::from) == Some(week);
    }
    FIELDS[4].matches(text, today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_next(expression: &str, now: &str, expected: Option<&str>) {
        let expression: ScheduleExpression = expression.parse().expect("a schedule");
        let next = expression.next(now.parse().expect("a time"));
        assert_eq!(
            next.map(|next| next.to_string()).as_deref(),
            expected,
            "{} after {now}",
            expression.as_str()
        );
    }

    #[test]
    fn a_weekly_schedule_fires_on_its_day() {
        // 2026-11-29 is a Sunday.
        let weekly = "cron(0 6 ? * SUN *)";
        assert_next(weekly, "2026-11-29T05:59:59Z", Some("2026-11-29T06:00:00Z"));
        assert_next(weekly, "2026-11-29T06:00:00Z", Some("2026-12-06T06:00:00Z"));
        assert_next(
            "cron(0 6 ? * 1 *)",
            "2026-11-30T00:00:00Z",
            Some("2026-12-06T06:00:00Z"),
        );
        assert_next(
            "cron(0 6 ? * L *)",
            "2026-11-29T00:00:00Z",
            Some("2026-12-05T06:00:00Z"),
        );
    }

    #[test]
    fn lists_ranges_and_steps_are_counted_from_their_start() {
        let now = "2026-11-29T10:07:00Z";
        assert_next("cron(5/15 * * * ? *)", now, Some("2026-11-29T10:20:00Z"));
        assert_next("cron(*/20 * * * ? *)", now, Some("2026-11-29T10:20:00Z"));
        assert_next("cron(0 8-18/4 * * ? *)", now, Some("2026-11-29T12:00:00Z"));
        assert_next("cron(0 3,22 * * ? *)", now, Some("2026-11-29T22:00:00Z"));
        assert_next("cron(0 0 1 JAN-MAR ? *)", now, Some("2027-01-01T00:00:00Z"));
        assert_next("cron(0 0 1 1/6 ? *)", now, Some("2027-01-01T00:00:00Z"));
        assert_next("cron(0 0 ? * MON-WED *)", now, Some("2026-11-30T00:00:00Z"));
    }

    #[test]
    fn days_of_a_month_may_be_the_last_the_nearest_or_the_nth() {
        let now = "2026-11-01T00:00:00Z";
        // The last day of November 2026 is a Monday, and its first one a Sunday.
        assert_next("cron(0 6 L * ? *)", now, Some("2026-11-30T06:00:00Z"));
        assert_next("cron(0 6 1W * ? *)", now, Some("2026-11-02T06:00:00Z"));
        assert_next("cron(0 6 14W * ? *)", now, Some("2026-11-13T06:00:00Z"));
        assert_next("cron(0 6 LW 1 ? 2027)", now, Some("2027-01-29T06:00:00Z"));
        assert_next("cron(0 6 ? * 3#2 *)", now, Some("2026-11-10T06:00:00Z"));
        assert_next("cron(0 6 ? * FRIL *)", now, Some("2026-11-27T06:00:00Z"));
        assert_next("cron(0 6 29 2 ? *)", now, Some("2028-02-29T06:00:00Z"));
    }

    #[test]
    fn a_rate_and_a_schedule_of_the_past_have_no_next_firing() {
        let now = "2026-11-29T10:07:00Z";
        assert_next("rate(1 day)", now, None);
        assert_next("cron(0 6 1 1 ? 2020)", now, None);
        assert_next("cron(0 6 31 2 ? *)", now, None);
    }
}
