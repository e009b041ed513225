//! The time that a run has.

use std::time::{Duration, SystemTime};

/// How much time is left when nothing more is begun. A call that is throttled each time takes 35 seconds, in seven
/// pauses of five; then the report is stored.
const RESERVE: Duration = Duration::from_mins(1);

/// When a run is ended by others; a run without one has all the time it needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deadline(Option<SystemTime>);

impl Deadline {
    /// The deadline at a time, in milliseconds since 1970, as Lambda's context has it.
    pub fn at_millis(time: u64) -> Self {
        Self(SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(time)))
    }

    /// Whether so little time is left that nothing more is begun.
    pub(crate) fn is_near(self) -> bool {
        self.0.is_some_and(|end| SystemTime::now() + RESERVE >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_begun_in_the_last_minute() {
        let in_seconds = |seconds| {
            let time = SystemTime::now() + Duration::from_secs(seconds);
            Deadline(Some(time)).is_near()
        };
        assert!(in_seconds(0) && in_seconds(59));
        assert!(!in_seconds(90));
        assert!(!Deadline::default().is_near());
        assert!(Deadline::at_millis(1).is_near(), "it is long over");
    }
}
