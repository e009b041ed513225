//! Publishes the copies of an image: an object for each; the parameter in its account, if a role for it is
//! named; then the pipeline's tag.
//!
//! The tag comes last, and only if everything before it succeeded. Until then every run tries again.

use goldsmith_domain::names::RoleArn;
use goldsmith_domain::plan::{PublishCopies, PublishedCopy};
use goldsmith_domain::publication::{copied_ami, copy_file, copy_key};

use super::{Outcome, Parameter, check_origin, put_newer, superseded, sync_parameter};
use crate::Aws;
use crate::assumed::Roles;
use crate::fault::{CallError, Fault, chain};
use crate::tagging::tag;

/// Publishes the copies of `change.image`, except where a newer image's are published.
///
/// Errors: what the output bucket refuses; `Fault::Busy` if a newer image's are published; `ssm:PutParameter` with all accounts whose parameter could not
/// be written, while the others have theirs.
pub(crate) async fn publish(aws: &Aws, change: &PublishCopies) -> Result<(), CallError> {
    check_origin(aws, &change.image, &change.pipeline).await?;
    let mut current = Vec::new();
    for copy in &change.copies {
        let file = copy_file(&change.recipename, copy);
        if put_newer(aws, &file, &change.image).await? == Outcome::Published {
            current.push(copy);
        }
    }
    let parameters = put_parameters(aws, change, &current).await?;
    // Another run publishes a newer image and sets the tag.
    if !parameters || current.len() < change.copies.len() {
        return Err(superseded());
    }
    let tags = [(change.tag.to_owned(), change.digest.clone())].into();
    tag(aws, change.pipeline.as_str(), &tags).await
}

/// Sets the parameters of `copies`, in their accounts; whether each says what this image's copy is.
async fn put_parameters(
    aws: &Aws,
    change: &PublishCopies,
    copies: &[&PublishedCopy],
) -> Result<bool, CallError> {
    let mut roles = Roles::new(aws);
    let (mut ours, mut failed) = (true, Vec::new());
    for copy in copies {
        let Some(role) = &copy.parameter_role else {
            continue;
        };
        match put_parameter(&mut roles, change, copy, role).await {
            Ok(published) => ours &= published,
            Err(error) => failed.push((copy, error)),
        }
    }
    if failed.is_empty() {
        Ok(ours)
    } else {
        Err(not_written(&failed))
    }
}

async fn put_parameter(
    roles: &mut Roles<'_>,
    change: &PublishCopies,
    copy: &PublishedCopy,
    role: &RoleArn,
) -> Result<bool, CallError> {
    let ssm = roles.ssm(role, &copy.copy.target.region).await?;
    let key = copy_key(&change.recipename, &copy.copy.target);
    let parameter = Parameter {
        ssm: &ssm,
        recipe: &change.recipename,
        key,
        ami: |_, content| copied_ami(content),
    };
    Ok(sync_parameter(roles.aws(), &parameter).await?.as_ref() == Some(&change.image))
}

/// One error for all of them; it is temporary if one of them is.
fn not_written(failed: &[(&&PublishedCopy, CallError)]) -> CallError {
    let fault = if failed.iter().any(|(_, error)| error.fault.is_temporary()) {
        Fault::Transient
    } else {
        Fault::Permanent
    };
    let places = failed.iter().map(|(copy, error)| {
        let target = &copy.copy.target;
        let reason = chain(error);
        format!("not in {} in {}: {reason}", target.account, target.region)
    });
    let places = places.collect::<Vec<_>>().join("; ");
    CallError::rejected("ssm:PutParameter", fault, places)
}
