//! What is known of an account: its place in an organization, its Regions, what it has switched on.
#![allow(
    clippy::unnecessary_wraps,
    reason = "an action that refuses nothing answers the same type"
)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Ec2, answer::Answer, query::Ec2Request, xml::Xml};

/// An account that differs from an account without organization, with default settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Its place, as IAM's `aws:PrincipalOrgPaths` has it: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
    pub path: Option<String>,
    /// The Regions that it has opted in to, of those that need it.
    pub opted_in: BTreeSet<String>,
    /// The Marketplace product codes that it is subscribed to.
    #[serde(default)]
    pub subscriptions: BTreeSet<String>,
    /// The Regions in which none of its AMIs can be made public.
    pub blocks_public_access: BTreeSet<String>,
}

impl Ec2 {
    /// Whether an account has block public access for AMIs switched on in a Region.
    pub fn blocks_public_access(&self, account: &str, region: &str) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|account| account.blocks_public_access.contains(region))
    }
}

/// GetImageBlockPublicAccessState.
pub(super) fn get_image_block_public_access_state(request: &mut Ec2Request<'_>) -> Answer {
    let caller = request.caller;
    let blocked = request
        .ec2
        .blocks_public_access(&caller.account, &caller.region);
    Ok(vec![state(blocked), Xml::leaf("managedBy", "account")])
}

/// EnableImageBlockPublicAccess; here at once, in life within ten minutes. What is public stays so.
pub(super) fn enable_image_block_public_access(request: &mut Ec2Request<'_>) -> Answer {
    request.query.required("ImageBlockPublicAccessState")?;
    request
        .query
        .one_of("ImageBlockPublicAccessState", &["block-new-sharing"])?;
    let region = request.caller.region.clone();
    settings(request).blocks_public_access.insert(region);
    Ok(vec![state(true)])
}

/// DisableImageBlockPublicAccess.
pub(super) fn disable_image_block_public_access(request: &mut Ec2Request<'_>) -> Answer {
    let region = &request.caller.region;
    settings(request).blocks_public_access.remove(region);
    Ok(vec![state(false)])
}

fn settings<'e>(request: &'e mut Ec2Request<'_>) -> &'e mut Account {
    request
        .ec2
        .accounts
        .entry(request.caller.account.clone())
        .or_default()
}

fn state(blocked: bool) -> Xml {
    Xml::leaf(
        "imageBlockPublicAccessState",
        if blocked {
            "block-new-sharing"
        } else {
            "unblocked"
        },
    )
}

/// GetEbsEncryptionByDefault: it is off in every account here.
pub(super) fn get_ebs_encryption_by_default(_request: &mut Ec2Request<'_>) -> Answer {
    Ok(vec![Xml::leaf("ebsEncryptionByDefault", false)])
}

/// GetEbsDefaultKmsKeyId: the key that AWS manages.
pub(super) fn get_ebs_default_kms_key_id(_request: &mut Ec2Request<'_>) -> Answer {
    Ok(vec![Xml::leaf("kmsKeyId", "alias/aws/ebs")])
}
