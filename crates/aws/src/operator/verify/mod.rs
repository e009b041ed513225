//! Asks AWS what proves that consumers can use the images: as we are, then as roles of their accounts.
//!
//! A question that cannot be asked is not an error: its answer is unknown, with the reason. The only writes are
//! those of a launch that was asked for.

mod accounts;
mod keys;
mod probe;
mod published;
mod roles;

use std::future::Future;
use std::sync::Arc;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::verify::{Finding, Known, Seen, findings, questions};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use roles::{ConsumerRole, consumer_roles};

use crate::Aws;
use crate::fault::{CallError, chain};

/// How many things are asked at once. EC2 refills 20 calls a second of an account for most of what is read
/// (EC2 developer guide, "Request throttling"), and `verify` is not urgent.
const AT_ONCE: usize = 8;

/// Whether consumers can use what `desired` serves, by what AWS answers now; with `launches`, instances are started
/// in the consumers' accounts, and ended.
pub async fn verify(aws: &Aws, desired: &Desired, launches: bool) -> Vec<Finding> {
    let mut seen = Seen::default();
    (seen.published, seen.copies) = published::read(aws, desired).await;
    let asked = questions(desired, &aws.stack, &seen);
    seen.sharing = join_limited(
        asked
            .sharing
            .iter()
            .map(|(region, ami)| sharing(aws, region, ami)),
    )
    .await;
    seen.keys = join_limited(asked.keys.iter().map(|key| keys::read(aws, key))).await;
    let accounts = asked
        .accounts
        .into_iter()
        .map(|account| accounts::ask(aws, account, launches));
    let answers: Vec<accounts::AccountAnswers> = join_limited(accounts).await;
    for account in answers {
        seen.own_amis.extend(account.own_amis);
        seen.key_uses.extend(account.key_uses);
        seen.launches.extend(account.launches);
        seen.probes.extend(account.probes);
    }
    findings(desired, &aws.stack, &seen)
}

/// The results of calls, of which a few run at once.
async fn join_limited<F, R, C>(calls: impl Iterator<Item = F>) -> C
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
    C: FromIterator<R>,
{
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for call in calls {
        let places = Arc::clone(&places);
        running.spawn(async move {
            // Nobody closes the semaphore, so that there is always a place in the end.
            let _place = places.acquire().await;
            call.await
        });
    }
    running.join_all().await.into_iter().collect()
}

fn sharing(
    aws: &Aws,
    region: &Region,
    ami: &AmiId,
) -> impl Future<Output = (AmiId, Known<Option<Sharing>>)> + use<> {
    let (ec2, ami) = (aws.ec2_in(region), ami.clone());
    async move {
        let found = known(ec2.launch_permissions(&ami).await);
        (ami, found)
    }
}

/// What was found out, or why not.
fn known<T>(answer: Result<T, CallError>) -> Known<T> {
    answer.map_err(|error| chain(&error))
}
