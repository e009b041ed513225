//! Times as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time in UTC, and in the reader's zone if that is another one: `Sunday 2026-12-06 06:00 UTC, 07:00 CET`.
pub fn when(at: Timestamp, zone: &TimeZone) -> String {
    let utc = at.to_zoned(TimeZone::UTC);
    let local = at.to_zoned(zone.clone());
    let told = utc.strftime("%A %Y-%m-%d %H:%M UTC");
    if local.offset().is_zero() {
        told.to_string()
    } else if local.date() == utc.date() {
        format!("{told}, {}", local.strftime("%H:%M %Z"))
    } else {
        format!("{told}, {}", local.strftime("%A %H:%M %Z"))
    }
}

/// The time since `time` in its largest unit; none if the time cannot be read.
pub fn age(time: &str, now: Timestamp) -> Option<String> {
    let time: Timestamp = time.parse().ok()?;
    let seconds = now.as_second().saturating_sub(time.as_second()).max(0);
    Some(match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn the_readers_zone_is_named_where_it_is_another_one() {
        let at = "2026-12-06T20:00:00Z".parse().expect("a time");
        let told = |offset| when(at, &TimeZone::fixed(Offset::constant(offset)));
        assert_eq!(told(0), "Sunday 2026-12-06 20:00 UTC");
        assert_eq!(told(1), "Sunday 2026-12-06 20:00 UTC, 21:00 +01");
        assert_eq!(told(9), "Sunday 2026-12-06 20:00 UTC, Monday 05:00 +09");
    }

    #[test]
    fn ages_have_one_unit() {
        let now = "2026-01-03T10:00:00Z".parse().expect("a time");
        for (time, expected) in [
            ("2026-01-03T09:59:01Z", "59 s"),
            ("2026-01-03T09:00:01Z", "59 min"),
            ("2026-01-02T10:00:01Z", "23 h"),
            ("2025-01-03T10:00:00Z", "365 d"),
            ("2027-01-03T10:00:00Z", "0 s"),
        ] {
            assert_eq!(age(time, now).as_deref(), Some(expected));
        }
        assert_eq!(age("yesterday", now), None);
    }
}
