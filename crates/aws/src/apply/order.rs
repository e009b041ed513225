//! In which order changes are carried out: one after the other where that matters, and side by side elsewhere.
//!
//! - Changes of one pipeline, or of one other target, keep the plan's order.
//! - A change waits for what it needs.
//! - A policy or the build rule is written alone: everything before it has ended, and nothing after it has begun.
//!
//! So what was done when a run is cut off is no longer a prefix of the plan. It still has everything that it
//! needs, and nothing that comes after a policy which was not written.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use goldsmith_domain::plan::quota::Limit;
use goldsmith_domain::plan::{Change, Resource};
use tokio::sync::{Semaphore, watch};

use super::make;
use crate::at_once::MOST_AT_ONCE;
use crate::fault::{CallError, Fault, chain};
use crate::{Aws, Deadline};

/// What came of one change.
pub(super) enum Ended {
    /// It was made.
    Made,
    /// It was not attempted, for this reason.
    NotAttempted(String),
    /// It was attempted in vain.
    Failed(CallError),
    /// It was not made, because this quota has no room at the moment.
    WithoutRoom(Limit),
    /// It was not attempted, because the run's time is nearly over.
    OutOfTime,
}

/// Describes a resource that a change failed to provide.
const NOT_MADE: &str = "was not made";
/// Describes a target that cannot be read back yet.
const NOT_SEEN: &str = "cannot be seen yet";

/// Carries out `changes` until shortly before `deadline`; what came of each, in their order.
pub(super) async fn carry_out(aws: &Aws, changes: &[Change], deadline: Deadline) -> Vec<Ended> {
    let run = Run {
        aws,
        changes,
        deadline,
        providers: providers(changes),
        ended: changes.iter().map(|_| watch::Sender::new(false)).collect(),
        permits: Semaphore::new(MOST_AT_ONCE),
        state: Mutex::default(),
    };
    for stage in stages(changes) {
        let lanes: Vec<_> = stage.into_values().map(|lane| run.lane(lane)).collect();
        join_all(lanes).await;
    }
    run.into_results()
}

/// The changes that provide a resource.
fn providers(changes: &[Change]) -> BTreeMap<&Resource, Vec<usize>> {
    let mut providers: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, change) in changes.iter().enumerate() {
        if let Some(resource) = &change.provides {
            providers.entry(resource).or_default().push(number);
        }
    }
    providers
}

/// Changes that keep their order, by what they are about.
type Lanes = BTreeMap<String, Vec<usize>>;

/// The plan, cut at each change that is made alone.
fn stages(changes: &[Change]) -> Vec<Lanes> {
    let mut stages = vec![Lanes::new()];
    for (number, change) in changes.iter().enumerate() {
        let alone = change.is_made_alone();
        if alone {
            stages.push(Lanes::new());
        }
        if let Some(stage) = stages.last_mut() {
            stage.entry(change.lane()).or_default().push(number);
        }
        if alone {
            stages.push(Lanes::new());
        }
    }
    stages
}

struct Run<'a> {
    aws: &'a Aws,
    changes: &'a [Change],
    deadline: Deadline,
    providers: BTreeMap<&'a Resource, Vec<usize>>,
    /// Whether each change has ended.
    ended: Vec<watch::Sender<bool>>,
    permits: Semaphore,
    state: Mutex<State<'a>>,
}

/// What comes of a change for which a quota has nothing left.
fn without(quota: Limit) -> Ended {
    if quota.empties_by_itself {
        return Ended::WithoutRoom(quota);
    }
    let name = quota.name;
    Ended::NotAttempted(format!("the quota of {name} is used up"))
}

#[derive(Default)]
struct State<'a> {
    results: BTreeMap<usize, Ended>,
    /// What later changes may need and do not find, and why.
    missing: BTreeMap<&'a Resource, &'static str>,
    /// Why nothing is attempted any more.
    stopped: Option<String>,
    /// The quotas that are used up.
    exhausted: Vec<Limit>,
}

impl<'a> Run<'a> {
    async fn lane(&self, numbers: Vec<usize>) {
        for number in numbers {
            self.wait_for_needs(number).await;
            let result = self.attempt(&self.changes[number]).await;
            self.end(number, result);
        }
    }

    /// What is needed comes from changes that stand before this one, so that nothing waits for ever.
    async fn wait_for_needs(&self, number: usize) {
        for provider in self.providers_before(number) {
            let mut ended = self.ended[provider].subscribe();
            // The sender lives as long as the run.
            drop(ended.wait_for(|ended| *ended).await);
        }
    }

    fn providers_before(&self, number: usize) -> Vec<usize> {
        let needs = self.changes[number].needs.iter();
        let providers = needs.filter_map(|need| self.providers.get(need)).flatten();
        providers
            .copied()
            .filter(|provider| *provider < number)
            .collect()
    }

    async fn attempt(&self, change: &Change) -> Ended {
        let permit = self.permits.acquire().await;
        if let Some(refused) = self.state().refuses(change) {
            return refused;
        }
        if self.deadline.is_near() {
            return Ended::OutOfTime;
        }
        let made = Box::pin(make(self.aws, change)).await;
        drop(permit);
        match (made, change.quota()) {
            (Ok(()), _) => Ended::Made,
            // Changes that were under way beside the first refusal tell nothing new.
            (Err(error), Some(quota))
                if error.fault == Fault::Quota && self.state().exhausted.contains(&quota) =>
            {
                without(quota)
            }
            (Err(error), Some(quota)) if error.fault == Fault::Quota && quota.empties_by_itself => {
                Ended::WithoutRoom(quota)
            }
            (Err(error), _) => Ended::Failed(error),
        }
    }

    fn end(&self, number: usize, result: Ended) {
        self.state().record(&self.changes[number], &result);
        self.state().results.insert(number, result);
        self.ended[number].send_replace(true);
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_results(self) -> Vec<Ended> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.results.into_values().collect()
    }
}

impl<'a> State<'a> {
    /// Why a change is not attempted after what failed.
    fn refuses(&self, change: &Change) -> Option<Ended> {
        if let Some(stopped) = &self.stopped {
            return Some(Ended::NotAttempted(stopped.clone()));
        }
        let mut needs = change.needs.iter();
        let missing = needs.find_map(|needed| Some((needed, self.missing.get(needed)?)));
        if let Some((needed, why)) = missing {
            return Some(Ended::NotAttempted(format!(
                "it needs {needed}, which {why}"
            )));
        }
        let mut quota = change.quota().into_iter();
        quota
            .find(|quota| self.exhausted.contains(quota))
            .map(without)
    }

    fn record(&mut self, change: &'a Change, result: &Ended) {
        let why = match result {
            Ended::Made => return,
            Ended::Failed(error) if error.fault == Fault::Unconfirmed => NOT_SEEN,
            Ended::Failed(_)
            | Ended::NotAttempted(_)
            | Ended::WithoutRoom(_)
            | Ended::OutOfTime => NOT_MADE,
        };
        let provided = change.provides.iter().map(|resource| (resource, why));
        self.missing.extend(provided);
        match result {
            Ended::Failed(error) if error.fault == Fault::Throttled => {
                self.stopped = Some(format!("stopped, because {}", chain(error)));
            }
            Ended::Failed(error) if error.fault == Fault::Quota => {
                self.exhausted.extend(change.quota());
            }
            Ended::WithoutRoom(quota) => self.exhausted.push(*quota),
            Ended::Made | Ended::Failed(_) | Ended::NotAttempted(_) | Ended::OutOfTime => {}
        }
    }
}
