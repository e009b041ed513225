//! Which actions there are, and what carries each out.

use crate::{
    api::ec2::{
        account, attribute, copy, describe, image_state, instance_action, instance_type, launch,
        network, references, region, register, report, request::Ec2Request, snapshot,
        snapshot_action, subnet, tags,
    },
    common::error::ApiError,
    wire::ec2_answer::Answer,
};

type Handler = fn(&mut Ec2Request<'_>) -> Answer;

/// Every action that is emulated.
const ACTIONS: &[(&str, Handler)] = &[
    ("CopyImage", copy::copy_image),
    ("CopySnapshot", copy::copy_snapshot),
    ("CreateImageUsageReport", report::create_image_usage_report),
    ("CreateTags", tags::create_tags),
    ("DeleteImageUsageReport", report::delete_image_usage_report),
    ("DeleteSnapshot", snapshot_action::delete_snapshot),
    ("DeleteTags", tags::delete_tags),
    ("DeregisterImage", register::deregister_image),
    (
        "DescribeImageAttribute",
        attribute::describe_image_attribute,
    ),
    (
        "DescribeImageReferences",
        references::describe_image_references,
    ),
    (
        "DescribeImageUsageReportEntries",
        report::describe_image_usage_report_entries,
    ),
    (
        "DescribeImageUsageReports",
        report::describe_image_usage_reports,
    ),
    ("DescribeImages", describe::describe_images),
    (
        "DescribeInstanceTypes",
        instance_type::describe_instance_types,
    ),
    ("DescribeInstances", instance_action::describe_instances),
    ("DescribeRegions", region::describe_regions),
    ("DescribeSecurityGroups", network::describe_security_groups),
    (
        "DescribeSnapshotAttribute",
        snapshot_action::describe_snapshot_attribute,
    ),
    ("DescribeSnapshots", snapshot::describe_snapshots),
    ("DescribeSubnets", subnet::describe_subnets),
    ("DescribeTags", tags::describe_tags),
    ("DisableImage", image_state::disable_image),
    (
        "DisableImageBlockPublicAccess",
        account::disable_image_block_public_access,
    ),
    (
        "DisableImageDeprecation",
        image_state::disable_image_deprecation,
    ),
    (
        "DisableImageDeregistrationProtection",
        image_state::disable_image_deregistration_protection,
    ),
    ("EnableImage", image_state::enable_image),
    (
        "EnableImageBlockPublicAccess",
        account::enable_image_block_public_access,
    ),
    (
        "EnableImageDeprecation",
        image_state::enable_image_deprecation,
    ),
    (
        "EnableImageDeregistrationProtection",
        image_state::enable_image_deregistration_protection,
    ),
    ("GetEbsDefaultKmsKeyId", account::get_ebs_default_kms_key_id),
    (
        "GetEbsEncryptionByDefault",
        account::get_ebs_encryption_by_default,
    ),
    (
        "GetImageBlockPublicAccessState",
        account::get_image_block_public_access_state,
    ),
    ("ModifyImageAttribute", attribute::modify_image_attribute),
    (
        "ModifySnapshotAttribute",
        snapshot_action::modify_snapshot_attribute,
    ),
    ("RegisterImage", register::register_image),
    ("ResetImageAttribute", attribute::reset_image_attribute),
    (
        "ResetSnapshotAttribute",
        snapshot_action::reset_snapshot_attribute,
    ),
    ("RunInstances", launch::run_instances),
    ("TerminateInstances", instance_action::terminate_instances),
];

/// Carries out an action. With `DryRun` it is carried out on a copy, so that it meets every check
/// and has no effect; then it is refused as EC2 does.
pub(crate) fn answered(request: &mut Ec2Request<'_>) -> Answer {
    let action = request.query.text("Action").unwrap_or_default();
    let known = ACTIONS.iter().find(|(name, _)| *name == action);
    let (_, handler) =
        known.ok_or_else(|| ApiError::not_emulated(&format!("the EC2 action '{action}'")))?;
    if request.query.flag("DryRun") != Some(true) {
        return handler(request);
    }
    let mut copy = request.ec2.clone();
    handler(&mut request.on(&mut copy))?;
    let message = "Request would have succeeded, but DryRun flag is set.";
    Err(ApiError::new(412, "DryRunOperation", message))
}
