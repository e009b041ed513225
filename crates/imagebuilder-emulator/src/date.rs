//! Dates as Image Builder writes them in `DateTime` members: `2020-02-14T19:46:16.904Z`.

use jiff::Timestamp;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_always_has_milliseconds() {
        let whole = Date(Timestamp::UNIX_EPOCH);
        assert_eq!(whole.to_string(), "1970-01-01T00:00:00.000Z");
        let fraction: Timestamp = "2020-02-14T19:46:16.904912Z".parse().unwrap();
        assert_eq!(Date(fraction).to_string(), "2020-02-14T19:46:16.904Z");
    }
}
