//! Ends instances that failed builds have kept.

use goldsmith_domain::plan::{EXPIRY_TAG, EndInstance};

use super::ignore_not_found;
use crate::Aws;
use crate::fault::CallError;

/// Writes the day of its end on an instance, or ends it.
pub(super) async fn end(aws: &Aws, change: &EndInstance) -> Result<(), CallError> {
    let ec2 = aws.ec2_in(&aws.stack.region);
    match change.expires {
        Some(last) => {
            let tags = [(EXPIRY_TAG.to_owned(), last.to_string())].into();
            ec2.create_tags([change.instance.as_str()], &tags).await
        }
        None => ignore_not_found(ec2.terminate(change.instance.as_str()).await),
    }
}
