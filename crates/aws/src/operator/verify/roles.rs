//! Whether a person can act in the consumers' accounts at all, without any launch.

use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, RoleArn};
use goldsmith_domain::verify::{AccountQuestions, Known, Seen, questions};

use super::{join_limited, known};
use crate::Aws;
use crate::assumed::assume;

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
    let roles = asked
        .accounts
        .into_iter()
        .map(|account| of_account(aws, account));
    let mut roles: Vec<ConsumerRole> = join_limited(roles).await;
    roles.sort_by(|a, b| a.account.cmp(&b.account));
    roles
}

/// The role that only looks, or else the first one that launches.
fn of_account(
    aws: &Aws,
    asked: AccountQuestions,
) -> impl Future<Output = ConsumerRole> + Send + use<> {
    let aws = aws.clone();
    async move {
        let verifier = known(assume(&aws, &asked.verifier).await);
        let mut role = verifier.map(|_| asked.verifier);
        for launcher in asked.launchers {
            if role.is_ok() {
                break;
            }
            let assumed = assume(&aws, &launcher).await;
            // Why the role that only looks is refused is said: it is made for this.
            role = assumed.map_or(role, |_| Ok(launcher));
        }
        ConsumerRole {
            account: asked.account,
            role,
        }
    }
}
