//! What the functions report of their runs, added up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The calls and writes of one run, or of several together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Calls that changed AWS, except logs, notifications and reports.
    #[serde(default)]
    pub writes: u64,
    /// How often each operation was called, by its name in an IAM policy.
    #[serde(default)]
    pub calls: BTreeMap<String, u64>,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.writes += other.writes;
        for (operation, count) in other.calls {
            *self.calls.entry(operation).or_default() += count;
        }
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(runs: I) -> Self {
        let mut sum = Self::default();
        runs.for_each(|run| sum += run);
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_add_up_by_operation() {
        let read = |text| serde_json::from_str::<Totals>(text).expect("totals");
        let runs = [
            read(r#"{"writes": 2, "calls": {"s3:GetObject": 1}, "dry-run": false}"#),
            read(r#"{"writes": 0, "calls": {"s3:GetObject": 2, "kms:GetKeyPolicy": 1}}"#),
        ];
        let expected =
            read(r#"{"writes": 2, "calls": {"kms:GetKeyPolicy": 1, "s3:GetObject": 3}}"#);
        assert_eq!(runs.into_iter().sum::<Totals>(), expected);
    }
}
