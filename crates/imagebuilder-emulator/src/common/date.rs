//! Dates as Image Builder writes them: in `DateTime` members `2020-02-14T19:46:16.904Z`, in
//! `DateTimeTimestamp` members a number.

use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};

/// A date with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(pub Timestamp);

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self)
    }
}

/// A date in a `DateTimeTimestamp` member: seconds since 1970, a number with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch(pub Timestamp);

impl Serialize for Epoch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(SignedDuration::from_millis(self.0.as_millisecond()).as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = SignedDuration::try_from_secs_f64(f64::deserialize(deserializer)?);
        let date = seconds
            .and_then(Timestamp::from_duration)
            .and_then(|date| date.round(Unit::Millisecond));
        date.map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_a_number_and_keeps_its_milliseconds() {
        let date: Timestamp = "2026-09-11T21:20:00.123Z".parse().unwrap();
        let number = serde_json::to_value(Epoch(date)).unwrap();
        assert_eq!(number, serde_json::json!(1_789_161_600.123));
        assert_eq!(
            serde_json::from_value::<Epoch>(number).unwrap(),
            Epoch(date)
        );
        let whole = serde_json::from_str::<Epoch>("1789161600").unwrap();
        assert_eq!(whole.0.to_string(), "2026-09-11T21:20:00Z");
        assert!(serde_json::from_str::<Epoch>("1e300").is_err());
    }

    #[test]
    fn a_date_always_has_milliseconds() {
        let whole = Date(Timestamp::UNIX_EPOCH);
        assert_eq!(whole.to_string(), "1970-01-01T00:00:00.000Z");
        let fraction: Timestamp = "2020-02-14T19:46:16.904912Z".parse().unwrap();
        assert_eq!(Date(fraction).to_string(), "2020-02-14T19:46:16.904Z");
    }
}
