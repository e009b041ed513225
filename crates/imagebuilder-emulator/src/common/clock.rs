//! The virtual clock: what time it is in the emulated Regions. It knows nothing of the state.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

/// How fast time passes in the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Clock {
    /// Real time: a build takes twenty minutes.
    #[default]
    Real,
    /// This many times faster than life. Dates in answers run ahead of the wall clock accordingly.
    Factor(f64),
    /// Only [`advance`](crate::Emulator::advance) moves it.
    Manual,
}

/// The text is not a clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a clock, expected \"real\", \"manual\" or a positive number")]
pub struct ParseClockError(String);

impl FromStr for Clock {
    type Err = ParseClockError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "real" => Ok(Self::Real),
            "manual" => Ok(Self::Manual),
            number => match number.parse::<f64>() {
                Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Self::Factor(factor)),
                Ok(_) | Err(_) => Err(ParseClockError(text.to_owned())),
            },
        }
    }
}

/// A running clock.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    pace: Clock,
    epoch: Timestamp,
    started: Instant,
    advanced: SignedDuration,
}

impl VirtualClock {
    /// Starts at `epoch`, or at the wall clock's time.
    pub fn start(pace: Clock, epoch: Option<Timestamp>) -> Self {
        Self {
            pace,
            epoch: epoch.unwrap_or_else(Timestamp::now),
            started: Instant::now(),
            advanced: SignedDuration::ZERO,
        }
    }

    /// The virtual time; stops at the last representable time instead of overflowing.
    pub fn now(&self) -> Timestamp {
        self.epoch
            .checked_add(self.passed())
            .and_then(|time| time.checked_add(self.advanced))
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward, whatever its pace.
    pub fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.advanced = self.advanced.saturating_add(by);
    }

    /// Goes on from another time.
    pub fn set(&mut self, time: Timestamp) {
        *self = Self::start(self.pace, Some(time));
    }

    fn passed(&self) -> SignedDuration {
        let elapsed = self.started.elapsed();
        match self.pace {
            Clock::Real => SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX),
            Clock::Factor(factor) => {
                SignedDuration::try_from_secs_f64(elapsed.as_secs_f64() * factor)
                    .unwrap_or(SignedDuration::MAX)
            }
            Clock::Manual => SignedDuration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_on_request() {
        let mut clock = VirtualClock::start(Clock::Manual, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_mins(20));
        assert_eq!(clock.now().as_second(), 1200);
    }

    #[test]
    fn a_factor_must_be_positive() {
        assert_eq!("400".parse(), Ok(Clock::Factor(400.0)));
        for text in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(text.parse::<Clock>().is_err(), "{text}");
        }
    }
}
