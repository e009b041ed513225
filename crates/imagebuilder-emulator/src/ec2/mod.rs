//! EC2 as far as images need it: AMIs and snapshots as real objects, and the Query protocol.

pub(crate) mod ami;
pub(crate) mod answer;
pub(crate) mod attribute;
pub(crate) mod copy;
pub(crate) mod describe;
pub(crate) mod filter;
pub(crate) mod query;
pub(crate) mod register;
pub(crate) mod snapshot;
pub(crate) mod tags;
pub(crate) mod xml;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use self::{
    ami::{Ami, BlockDevice, Ebs, LaunchPermission},
    snapshot::Snapshot,
};
use crate::refusal::Refusal;

/// All AMIs and snapshots, of all accounts and Regions, by id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ec2 {
    /// AMIs.
    pub amis: BTreeMap<String, Ami>,
    /// Snapshots.
    pub snapshots: BTreeMap<String, Snapshot>,
    minted: u64,
}

impl Ec2 {
    /// A new id with EC2's seventeen hexadecimal digits. The same history gives the same ids.
    pub fn mint(&mut self, prefix: &str) -> String {
        self.minted += 1;
        let digest = Sha256::digest(format!("{prefix} {}", self.minted));
        let number = digest.iter().take(9).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        format!("{prefix}-{:017x}", number >> 4)
    }

    /// The AMI, if it is in the Region and the account may see it.
    pub fn visible(&self, id: &str, region: &str, account: &str) -> Option<&Ami> {
        self.amis.get(id).filter(|ami| ami.region == region && ami.is_visible_to(account))
    }
}

/// A refusal in EC2's vocabulary.
pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message)
}

/// Carries out an action.
pub(crate) fn answered(request: &mut query::Ec2Request<'_>) -> answer::Answer {
    if request.query.flag("DryRun") == Some(true) {
        return Err(Refusal::not_emulated("parameter 'DryRun'"));
    }
    match request.query.text("Action").unwrap_or_default() {
        "CreateTags" => tags::create_tags(request),
        "DeleteTags" => tags::delete_tags(request),
        "DeregisterImage" => register::deregister_image(request),
        "DescribeImageAttribute" => attribute::describe_image_attribute(request),
        "DescribeImages" => describe::describe_images(request),
        "DescribeSnapshots" => snapshot::describe_snapshots(request),
        "DescribeTags" => tags::describe_tags(request),
        "ModifyImageAttribute" => attribute::modify_image_attribute(request),
        "RegisterImage" => register::register_image(request),
        action => Err(Refusal::not_emulated(&format!("the EC2 action '{action}'"))),
    }
}
