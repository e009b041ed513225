//! The faults that wait for their calls, and what a call is to suffer.

use std::time::Duration;

use super::{Fault, FaultAnswer, Matching, Probability};
use crate::{call::Pending, state::State};

/// What a call is to suffer.
#[derive(Debug)]
pub(crate) enum Suffering {
    /// This answer.
    Answer(FaultAnswer),
    /// The loss of its response.
    DropResponse,
    /// A late response, in real time.
    Stall(Duration),
    /// An answer from an old state.
    Stale(Box<State>),
}

impl Suffering {
    /// How late the response is.
    pub fn pause(self) -> Option<Duration> {
        match self {
            Self::Stall(pause) => Some(pause),
            Self::Answer(_) | Self::DropResponse | Self::Stale(_) => None,
        }
    }
}

struct Armed {
    fault: Fault,
    matching: Matching,
    /// The state when the fault was added, if reads are to see it.
    old: Option<Box<State>>,
    dice: Option<Dice>,
}

/// The faults of calls.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    /// Adds a fault of calls; `state` is the one that stale reads will see.
    pub fn arm(&mut self, fault: Fault, matching: Matching, state: &State) {
        let old = matches!(fault, Fault::StaleReads { .. }).then(|| Box::new(state.clone()));
        let dice = matching.probability.map(Dice::new);
        self.0.push(Armed {
            fault,
            matching,
            old,
            dice,
        });
    }

    /// The faults that are still to come, with what is left of their counts.
    pub fn list(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().map(Armed::left)
    }

    /// Counts a call, and tells what it is to suffer: the first fault added wins.
    pub fn strike(&mut self, call: &Pending<'_>) -> Option<Suffering> {
        let mut struck = None;
        for armed in &mut self.0 {
            if armed.matches(call) && armed.counts() && struck.is_none() {
                struck = armed.suffering();
            }
        }
        self.0.retain(|armed| armed.matching.times > 0);
        struck
    }
}

impl Armed {
    fn matches(&self, call: &Pending<'_>) -> bool {
        let (service, operation) = self.matching.operation.split_once(':').unwrap_or_default();
        let named = service == call.service && (operation == "*" || operation == call.operation);
        let here =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let caller = call.caller;
        let theirs = here(&self.matching.account, &caller.account);
        let readable = self.old.is_none() || call.only_reads();
        named && theirs && readable && here(&self.matching.region, &caller.region)
    }

    /// Counts a matching call; says whether it is hit.
    fn counts(&mut self) -> bool {
        if self.matching.nth > 1 {
            self.matching.nth -= 1;
            return false;
        }
        let hit = self.dice.as_mut().is_none_or(Dice::hits);
        self.matching.times -= u64::from(hit && self.matching.times != u64::MAX);
        hit
    }

    fn suffering(&self) -> Option<Suffering> {
        match &self.fault {
            Fault::Answer { answer, .. } => Some(Suffering::Answer(answer.clone())),
            Fault::DropResponse { .. } => Some(Suffering::DropResponse),
            Fault::Stall { seconds, .. } => Duration::try_from_secs_f64(*seconds)
                .ok()
                .map(Suffering::Stall),
            Fault::StaleReads { .. } => self.old.clone().map(Suffering::Stale),
            Fault::FailBuild(_) | Fault::Events(_) | Fault::DenyKey(_) => None,
        }
    }

    fn left(&self) -> Fault {
        let mut fault = self.fault.clone();
        if let Fault::Answer { matching, .. }
        | Fault::DropResponse { matching }
        | Fault::Stall { matching, .. }
        | Fault::StaleReads { matching } = &mut fault
        {
            matching.clone_from(&self.matching);
        }
        fault
    }
}

/// A xorshift generator: small, quick, and the same everywhere.
struct Dice {
    state: u64,
    chance: f64,
}

impl Dice {
    fn new(Probability { chance, seed }: Probability) -> Self {
        // The generator stands still at nought; seeds that are close must not give close sequences.
        let state = seed
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .max(1);
        Self { state, chance }
    }

    fn hits(&mut self) -> bool {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let high = u32::try_from(self.state >> 32).unwrap_or(u32::MAX);
        f64::from(high) < self.chance * (f64::from(u32::MAX) + 1.0)
    }
}
