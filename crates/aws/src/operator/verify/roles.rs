//! Whether a person can act in the consumers' accounts at all, without any launch.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, RoleArn};
use goldsmith_domain::verify::{AccountQuestions, Known, Seen, questions};

use crate::Aws;
use crate::assumed::assume;
use crate::verify::{at_once, known};

/// A consumer's account, and the role of it that the person may assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRole {
    /// The account.
    pub account: AccountId,
    /// The role that `verify` would use; or why none can be assumed.
    pub role: Known<RoleArn>,
}

/// The role that the caller may assume in each consumer's account, by account. Nothing is done with it.
pub async fn consumer_roles(aws: &Aws, desired: &Desired) -> Vec<ConsumerRole> {
    let asked = questions(desired, &aws.stack, &Seen::default());
    let accounts = asked.accounts.into_iter();
    let mut roles: Vec<ConsumerRole> =
        at_once(accounts.map(|account| of_account(aws, account))).await;
    roles.sort_by(|a, b| a.account.cmp(&b.account));
    roles
}

/// The role that only looks, or else the first one that launches.
async fn of_account(aws: &Aws, asked: AccountQuestions) -> ConsumerRole {
    let verifier = known(assume(aws, &asked.verifier).await);
    let mut role = verifier.map(|_| asked.verifier);
    for launcher in asked.launchers {
        if role.is_ok() {
            break;
        }
        let assumed = assume(aws, &launcher).await;
        // Why the role that only looks is refused is said: it is made for this.
        role = assumed.map_or(role, |_| Ok(launcher));
    }
    ConsumerRole {
        account: asked.account,
        role,
    }
}
