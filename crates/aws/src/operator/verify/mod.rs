//! Whether consumers can use what is published, as `goldsmith verify` asks it.

mod published;
mod roles;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::verify::{Finding, Seen, findings};

pub use roles::{ConsumerRole, consumer_roles};

use crate::Aws;
use crate::verify::{Asker, ask};

/// Whether consumers can use what `desired` serves, by what AWS answers now; with `launches`, instances are started
/// in the consumers' accounts, and ended.
pub async fn verify(aws: &Aws, desired: &Desired, launches: bool) -> Vec<Finding> {
    let (published, copies) = published::read(aws, desired).await;
    let seen = Seen {
        published,
        copies,
        ..Seen::default()
    };
    let asker = Asker::Launchers { probes: launches };
    let seen = Box::pin(ask(aws, desired, seen, asker)).await;
    findings(desired, &aws.stack, &seen)
}
