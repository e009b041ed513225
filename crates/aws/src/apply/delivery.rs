//! Launch permissions, copies and grants: gives consumers images, and revokes access.

use goldsmith_domain::observed::Tags;
use goldsmith_domain::plan::{
    DistributeImage, LaunchPermissions, RETRIES_TAG, RetryImage, RevokeGrant,
};

use super::ignore_not_found;
use crate::Aws;
use crate::ec2::Permit;
use crate::fault::CallError;
use crate::tagging::{map, tag};

/// Adds launch permissions of an AMI.
pub(super) async fn share(aws: &Aws, change: &LaunchPermissions) -> Result<(), CallError> {
    aws.ec2_in(&change.region)
        .permit(&change.ami, Permit::Add, &change.sharing)
        .await
}

/// Removes launch permissions of an AMI; an AMI that is gone or disabled has none.
pub(super) async fn withdraw(aws: &Aws, change: &LaunchPermissions) -> Result<(), CallError> {
    ignore_not_found(
        aws.ec2_in(&change.region)
            .permit(&change.ami, Permit::Remove, &change.sharing)
            .await,
    )
}

/// Revokes a grant, if it still exists.
pub(super) async fn revoke_grant(aws: &Aws, change: &RevokeGrant) -> Result<(), CallError> {
    let kms = aws.kms_of(&change.key);
    let answer = kms
        .revoke_grant()
        .key_id(change.key.as_str())
        .grant_id(&change.grant.id)
        .send()
        .await;
    ignore_not_found(
        answer
            .map(drop)
            .map_err(|error| CallError::new("kms:RevokeGrant", error)),
    )
}

/// Copies an image to the targets of a distribution configuration. The service chooses the name of the new
/// image; its tags name the source.
pub(super) async fn distribute(aws: &Aws, change: &DistributeImage) -> Result<(), CallError> {
    let call = aws
        .imagebuilder
        .distribute_image()
        .source_image(change.ami.as_str())
        .distribution_configuration_arn(&change.distribution)
        .execution_role(&aws.resources.execution_role)
        .client_token(&change.token)
        .set_tags(Some(map(&change.tags)));
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:DistributeImage", error))
}

/// Distributes an image again. The attempt is counted before it is made, so that an interrupted one counts.
pub(super) async fn retry(aws: &Aws, change: &RetryImage) -> Result<(), CallError> {
    let image = change.image.to_string();
    let tags: Tags = [(RETRIES_TAG.to_owned(), change.attempt.to_string())].into();
    tag(aws, &image, &tags).await?;
    let call = aws
        .imagebuilder
        .retry_image()
        .image_build_version_arn(image)
        .client_token(&change.token);
    call.send()
        .await
        .map(drop)
        .map_err(|error| CallError::new("imagebuilder:RetryImage", error))
}
