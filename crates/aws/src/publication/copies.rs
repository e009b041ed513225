//! Publishes the copies of an image: an object for each; the parameter in its account, if a role for it is
//! named; then the pipeline's tag.
//!
//! The tag comes last, and only if everything before it succeeded. Until then every run tries again.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use goldsmith_domain::names::{RecipeName, RoleArn};
use goldsmith_domain::plan::{PublishCopies, PublishedCopy};
use goldsmith_domain::publication::{PublishedFile, copied_ami, copy_key};
use serde_json::json;

use super::{Outcome, Parameter, put_newer, sync_parameter};
use crate::Aws;
use crate::assumed::assume;
use crate::fault::{CallError, Fault, chain};
use crate::tagging::tag;

/// Publishes the copies of `change.image`, except where a newer image's are published.
///
/// Errors: what the output bucket refuses; `ssm:PutParameter` with all accounts whose parameter could not
/// be written, while the others have theirs.
pub(crate) async fn publish(aws: &Aws, change: &PublishCopies) -> Result<(), CallError> {
    let mut current = Vec::new();
    for copy in &change.copies {
        if put_newer(aws, &file(&change.recipename, copy), &change.image).await?
            == Outcome::Published
        {
            current.push(copy);
        }
    }
    let parameters = put_parameters(aws, change, &current).await?;
    // Another run publishes a newer image and sets the tag.
    if !parameters || current.len() < change.copies.len() {
        return Ok(());
    }
    let tags = [(change.tag.to_owned(), change.digest.clone())].into();
    tag(aws, change.pipeline.as_str(), &tags).await
}

/// What consumers read of one copy.
fn file(recipe: &RecipeName, published: &PublishedCopy) -> PublishedFile {
    PublishedFile {
        key: copy_key(recipe, &published.copy.target),
        content: json!({"ami_id": published.copy.ami}).to_string(),
    }
}

/// Sets the parameters of `copies`, in their accounts; whether each says what this image's copy is.
async fn put_parameters(
    aws: &Aws,
    change: &PublishCopies,
    copies: &[&PublishedCopy],
) -> Result<bool, CallError> {
    let mut roles = Roles {
        aws,
        assumed: BTreeMap::new(),
    };
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
    let aws = roles.aws;
    let ssm = aws.ssm_as(roles.assume(role).await?, &copy.copy.target.region);
    let key = file(&change.recipename, copy).key;
    let parameter = Parameter {
        ssm: &ssm,
        recipe: &change.recipename,
        key,
        ami: |_, content| copied_ami(content),
    };
    Ok(sync_parameter(aws, &parameter).await?.as_ref() == Some(&change.image))
}

/// The roles that were assumed so far. A role that is refused in one Region is refused in all of them.
struct Roles<'a> {
    aws: &'a Aws,
    assumed: BTreeMap<RoleArn, Result<Credentials, CallError>>,
}

impl Roles<'_> {
    async fn assume(&mut self, role: &RoleArn) -> Result<Credentials, CallError> {
        if let Some(answer) = self.assumed.get(role) {
            return answer.clone();
        }
        let answer = assume(self.aws, role).await;
        self.assumed.insert(role.clone(), answer.clone());
        answer
    }
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
