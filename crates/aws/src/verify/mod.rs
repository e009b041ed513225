//! Asks AWS what proves that consumers can use images: as we are, then as roles of their accounts.
//!
//! A question that cannot be asked is not an error: its answer is unknown, with the reason. The only writes are
//! those of a launch that was asked for.

mod accounts;
mod keys;
#[cfg(feature = "operator")]
mod probe;

use std::future::Future;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, Region};
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::verify::{Known, Seen, questions};

use crate::Aws;
use crate::at_once::each;
use crate::fault::{CallError, chain};

/// As whom accounts are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// As the verify role alone: no role that launches trusts a function.
    Verifier,
    /// As the roles that launch, where they trust us, else as the verify role; and whether instances are started, and
    /// ended.
    #[cfg(feature = "operator")]
    Launchers {
        /// Whether they are.
        probes: bool,
    },
}

impl Asker {
    /// Whether roles that launch are assumed.
    fn launches(self) -> bool {
        self != Self::Verifier
    }
}

/// Completes `seen`, which says what is published or will be, by what AWS answers now.
pub(crate) async fn ask(aws: &Aws, desired: &Desired, mut seen: Seen, by: Asker) -> Seen {
    let asked = questions(desired, &aws.stack, &seen);
    let shared = asked.sharing.iter();
    seen.sharing = at_once(shared.map(|(region, ami)| sharing(aws, region, ami))).await;
    seen.keys = at_once(asked.keys.iter().map(|key| keys::read(aws, key))).await;
    let accounts = asked.accounts.iter();
    let accounts = accounts.map(|account| accounts::ask(aws, account, by));
    let answers: Vec<accounts::AccountAnswers> = at_once(accounts).await;
    for account in answers {
        seen.own_amis.extend(account.own_amis);
        seen.key_uses.extend(account.key_uses);
        seen.launches.extend(account.launches);
        seen.probes.extend(account.probes);
    }
    seen
}

/// The results of calls, of which a few run at once.
pub(crate) async fn at_once<F, C>(calls: impl Iterator<Item = F>) -> C
where
    F: Future,
    C: FromIterator<F::Output>,
{
    each(calls, |call| call).await.into_iter().collect()
}

async fn sharing(aws: &Aws, region: &Region, ami: &AmiId) -> (AmiId, Known<Option<Sharing>>) {
    let found = known(aws.ec2_in(region).launch_permissions(ami).await);
    (ami.clone(), found)
}

/// What was found out, or why not.
pub(crate) fn known<T>(answer: Result<T, CallError>) -> Known<T> {
    answer.map_err(|error| chain(&error))
}
