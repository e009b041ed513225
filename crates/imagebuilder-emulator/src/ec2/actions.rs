//! Which actions there are, and what carries each out.

use super::{answer::Answer, attribute, describe, query::Ec2Request, register, snapshot, switch, tags};
use crate::refusal::Refusal;

type Handler = fn(&mut Ec2Request<'_>) -> Answer;

/// Every action that is emulated.
const ACTIONS: &[(&str, Handler)] = &[
    ("CreateTags", tags::create_tags),
    ("DeleteTags", tags::delete_tags),
    ("DeregisterImage", register::deregister_image),
    ("DescribeImageAttribute", attribute::describe_image_attribute),
    ("DescribeImages", describe::describe_images),
    ("DescribeSnapshots", snapshot::describe_snapshots),
    ("DescribeTags", tags::describe_tags),
    ("DisableImage", switch::disable_image),
    ("DisableImageDeprecation", switch::disable_image_deprecation),
    ("DisableImageDeregistrationProtection", switch::disable_image_deregistration_protection),
    ("EnableImage", switch::enable_image),
    ("EnableImageDeprecation", switch::enable_image_deprecation),
    ("EnableImageDeregistrationProtection", switch::enable_image_deregistration_protection),
    ("ModifyImageAttribute", attribute::modify_image_attribute),
    ("RegisterImage", register::register_image),
];

/// Carries out an action. With `DryRun` it is carried out on a copy, so that it meets every check
/// and has no effect; then it is refused as EC2 does.
pub(crate) fn answered(request: &mut Ec2Request<'_>) -> Answer {
    let action = request.query.text("Action").unwrap_or_default();
    let known = ACTIONS.iter().find(|(name, _)| *name == action);
    let (_, handler) = known.ok_or_else(|| Refusal::not_emulated(&format!("the EC2 action '{action}'")))?;
    if request.query.flag("DryRun") != Some(true) {
        return handler(request);
    }
    let mut copy = request.ec2.clone();
    handler(&mut request.on(&mut copy))?;
    let message = "Request would have succeeded, but DryRun flag is set.";
    Err(Refusal::new(412, "DryRunOperation", message))
}
