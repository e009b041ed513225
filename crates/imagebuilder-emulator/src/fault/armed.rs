//! The active faults of calls, and their effect on a call.

use std::time::Duration;

use crate::{
    calls::PendingCall,
    fault::{Fault, FaultAnswer, Matching, Probability},
    state::State,
};

/// The effect of a fault on a call.
#[derive(Debug)]
pub(crate) enum FaultEffect {
    /// This answer.
    Answer(FaultAnswer),
    /// The loss of its response.
    DropResponse,
    /// A late response, in real time.
    Stall(Duration),
    /// An answer from an old state.
    Stale(Box<State>),
}

impl FaultEffect {
    /// How late the response is.
    pub fn pause(self) -> Option<Duration> {
        match self {
            Self::Stall(pause) => Some(pause),
            Self::Answer(_) | Self::DropResponse | Self::Stale(_) => None,
        }
    }
}

struct ActiveFault {
    fault: Fault,
    matching: Matching,
    /// The state when the fault was added, if reads are to see it.
    old: Option<Box<State>>,
    dice: Option<Dice>,
}

/// The faults of calls.
#[derive(Default)]
pub(crate) struct Faults(Vec<ActiveFault>);

impl Faults {
    /// Adds a fault of calls; `state` is the one that stale reads will see.
    pub fn arm(&mut self, fault: Fault, matching: Matching, state: &State) {
        let old = matches!(fault, Fault::StaleReads { .. }).then(|| Box::new(state.clone()));
        let dice = matching.probability.map(Dice::new);
        self.0.push(ActiveFault {
            fault,
            matching,
            old,
            dice,
        });
    }

    /// The faults that are still to come, with what is left of their counts.
    pub fn list(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().map(ActiveFault::left)
    }

    /// Counts a call, and returns the effect on it: the first fault added wins.
    pub fn apply_to(&mut self, call: &PendingCall<'_>) -> Option<FaultEffect> {
        let mut effect = None;
        for armed in &mut self.0 {
            if armed.matches(call) && armed.counts() && effect.is_none() {
                effect = armed.effect();
            }
        }
        self.0.retain(|armed| armed.matching.times > 0);
        effect
    }
}

impl ActiveFault {
    fn matches(&self, call: &PendingCall<'_>) -> bool {
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

    fn effect(&self) -> Option<FaultEffect> {
        match &self.fault {
            Fault::Answer { answer, .. } => Some(FaultEffect::Answer(answer.clone())),
            Fault::DropResponse { .. } => Some(FaultEffect::DropResponse),
            Fault::Stall { seconds, .. } => Duration::try_from_secs_f64(*seconds)
                .ok()
                .map(FaultEffect::Stall),
            Fault::StaleReads { .. } => self.old.clone().map(FaultEffect::Stale),
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
        // At zero the generator would stay at zero; seeds that are close must not give close sequences.
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
