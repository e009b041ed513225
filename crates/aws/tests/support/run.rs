//! Reconciles as the function does, without its report.

use std::error::Error;

use goldsmith_aws::{Applied, Aws, apply, documents, lists, look_and_plan};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::observed::{Depth, Observed};
use goldsmith_domain::plan::{Index, Plan, Publisher, plan};
use goldsmith_domain::report::Entry;
use goldsmith_domain::resources::Wanted;

use super::stack;

/// As many rounds as the function makes at most.
const MOST_ROUNDS: usize = 10;

/// What a run did.
#[derive(Debug, Default)]
pub struct Outcome {
    pub changes: Vec<Entry>,
    /// What was attempted in vain or not attempted, in the last round.
    pub left: Vec<Entry>,
}

/// Reads the documents, observes, plans and applies until nothing is left to change.
pub async fn reconcile(aws: &Aws) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let mut outcome = Outcome::default();
    let mut plan = look(aws).await?;
    for _ in 0..MOST_ROUNDS {
        if plan.changes.is_empty() {
            break;
        }
        let Applied {
            changes,
            failed,
            not_attempted,
            waiting: _,
            conflict,
            busy: _,
            transient,
            out_of_time: _,
        } = Box::pin(apply(aws, &plan)).await;
        let go_on = !transient && (conflict || !changes.is_empty());
        outcome.changes.extend(changes);
        outcome.left = failed.into_iter().chain(not_attempted).collect();
        if !go_on {
            break;
        }
        let next = look(aws).await?;
        if !conflict && next == plan {
            break;
        }
        plan = next;
    }
    Ok(outcome)
}

/// What the documents in the bucket ask for.
pub async fn desired(aws: &Aws) -> Desired {
    let documents = documents::current(aws).await.expect("documents");
    let Parsed::Desired(desired) = documents.parsed else {
        panic!("documents: {:?}", documents.parsed)
    };
    *desired
}

/// The plan for what stands in the bucket now.
pub async fn look(aws: &Aws) -> Result<Plan, Box<dyn Error + Send + Sync>> {
    let documents = documents::current(aws).await?;
    let Parsed::Desired(desired) = &documents.parsed else {
        panic!("documents: {:?}", documents.parsed)
    };
    let present = documents.versions().into_keys().collect();
    let wanted = Wanted::new(desired, &aws.stack);
    let lists = lists(aws).await?;
    let (depth, publisher) = (Depth::Digest, Publisher::Reconcile);
    let looked = look_and_plan(aws, &wanted, lists, &present, depth, publisher);
    Ok(looked.await?.1)
}

/// The plan of a run that publishes what it finds.
pub fn plan_for(desired: &Desired, observed: &Observed) -> Plan {
    let stack = stack();
    let wanted = Wanted::new(desired, &stack);
    plan(Index::new(&wanted, observed).view(), Publisher::Reconcile)
}
