//! What is known of an account: its place in an organization, its Regions, what it has switched on.

#![allow(
    clippy::unnecessary_wraps,
    reason = "an action that refuses nothing answers the same type"
)]

use crate::{
    api::ec2::request::Ec2Request,
    records::ec2::account::Account,
    wire::{ec2_answer::Answer, xml::Xml},
};

/// GetImageBlockPublicAccessState.
pub(crate) fn get_image_block_public_access_state(request: &mut Ec2Request<'_>) -> Answer {
    let caller = request.caller;
    let blocked = request
        .ec2
        .blocks_public_access(&caller.account, &caller.region);
    Ok(vec![state(blocked), Xml::leaf("managedBy", "account")])
}

/// EnableImageBlockPublicAccess; here at once, on AWS within ten minutes. What is public stays so.
pub(crate) fn enable_image_block_public_access(request: &mut Ec2Request<'_>) -> Answer {
    request.query.required("ImageBlockPublicAccessState")?;
    request
        .query
        .one_of("ImageBlockPublicAccessState", &["block-new-sharing"])?;
    let region = request.caller.region.clone();
    settings(request).blocks_public_access.insert(region);
    Ok(vec![state(true)])
}

/// DisableImageBlockPublicAccess.
pub(crate) fn disable_image_block_public_access(request: &mut Ec2Request<'_>) -> Answer {
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
pub(crate) fn get_ebs_encryption_by_default(_request: &mut Ec2Request<'_>) -> Answer {
    Ok(vec![Xml::leaf("ebsEncryptionByDefault", false)])
}

/// GetEbsDefaultKmsKeyId: the key that AWS manages.
pub(crate) fn get_ebs_default_kms_key_id(_request: &mut Ec2Request<'_>) -> Answer {
    Ok(vec![Xml::leaf("kmsKeyId", "alias/aws/ebs")])
}
