//! Security groups, DescribeSecurityGroups, and where an instance is launched. Groups and subnets are
//! only seeded; of a group only its VPC matters here, not its rules.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    answer::{self, Answer},
    filter::{Filterable, Filters},
    query::{Ec2Request, Query},
    refused,
    subnet::own_subnet,
    xml::Xml,
};
use crate::refusal::Refusal;

/// A security group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    /// For example `sg-0a1b2c3d4e5f60718`.
    pub id: String,
    pub name: String,
    /// The account that owns it.
    pub account: String,
    pub region: String,
    /// The VPC that it is for.
    pub vpc: String,
}

impl SecurityGroup {
    fn view(&self) -> Xml {
        Xml::new("item")
            .text("ownerId", &self.account)
            .text("groupId", &self.id)
            .text("groupName", &self.name)
            .text("vpcId", &self.vpc)
    }
}

impl Filterable for SecurityGroup {
    const NAMES: &'static [&'static str] = &["group-id", "group-name", "owner-id", "vpc-id"];
    const NOT_EMULATED: &'static [&'static str] =
        &["description", "egress", "ip-permission", "tag"];

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        let text = match name {
            "group-id" => &self.id,
            "group-name" => &self.name,
            "owner-id" => &self.account,
            _ => &self.vpc,
        };
        vec![Cow::from(text)]
    }
}

/// DescribeSecurityGroups: the account's own in the Region; of those that are named, all must be there.
pub(super) fn describe_security_groups(request: &mut Ec2Request<'_>) -> Answer {
    request.query.refuse_not_emulated(&["GroupName"])?;
    let wanted = request.query.list("GroupId");
    let filters = Filters::of::<SecurityGroup>(&request.query)?;
    wanted
        .iter()
        .try_for_each(|id| own_group(request, id).map(drop))?;
    let account = &request.caller.account;
    let found = own_groups(request).filter(|one| {
        (wanted.is_empty() || wanted.contains(&one.id)) && filters.admit(*one, account)
    });
    answer::limited_page(
        &request.query,
        "securityGroupInfo",
        found.map(SecurityGroup::view).collect(),
        5,
    )
}

fn own_groups<'r>(request: &'r Ec2Request<'_>) -> impl Iterator<Item = &'r SecurityGroup> {
    let caller = request.caller;
    let groups = request.ec2.security_groups.values();
    groups.filter(move |one| one.region == caller.region && one.account == caller.account)
}

fn own_group<'r>(request: &'r Ec2Request<'_>, id: &str) -> Result<&'r SecurityGroup, Refusal> {
    Query::check_id(id, "sg", "InvalidGroupId.Malformed")?;
    own_groups(request).find(|one| one.id == id).ok_or_else(|| {
        refused(
            "InvalidGroup.NotFound",
            format!("The security group '{id}' does not exist"),
        )
    })
}

/// Where an instance is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Network {
    /// The subnet and its VPC; without them it is in a default VPC of which nothing is known.
    subnet: Option<(String, String)>,
    /// Ids and names of its security groups; without any it has the VPC's default group, which is not
    /// known either.
    groups: Vec<(String, String)>,
}

impl Network {
    /// Where RunInstances asks for: `SubnetId` and `SecurityGroupId.n`.
    pub fn asked(request: &Ec2Request<'_>) -> Result<Self, Refusal> {
        let subnet = request
            .query
            .text("SubnetId")
            .map(|id| own_subnet(request, id))
            .transpose()?;
        let subnet = subnet.map(|subnet| (subnet.id.clone(), subnet.vpc.clone()));
        let mut groups = Vec::new();
        for id in request.query.list("SecurityGroupId") {
            let group = own_group(request, &id)?;
            if let Some((subnet, _)) = subnet.as_ref().filter(|(_, vpc)| *vpc != group.vpc) {
                let message = format!(
                    "Security group {id} and subnet {subnet} belong to different networks."
                );
                return Err(refused("InvalidParameter", message));
            }
            groups.push((id, group.name.clone()));
        }
        Ok(Self { subnet, groups })
    }

    /// The subnet's id.
    pub fn subnet(&self) -> Option<&str> {
        self.subnet.as_ref().map(|(subnet, _)| subnet.as_str())
    }

    /// The VPC's id.
    pub fn vpc(&self) -> Option<&str> {
        self.subnet.as_ref().map(|(_, vpc)| vpc.as_str())
    }

    /// As an instance shows it.
    pub fn view(&self) -> Vec<Xml> {
        let group = |(id, name): &(String, String)| {
            Xml::new("item").text("groupId", id).text("groupName", name)
        };
        let subnet = self.subnet().map(|id| Xml::leaf("subnetId", id));
        let vpc = self.vpc().map(|id| Xml::leaf("vpcId", id));
        let groups = Xml::list("groupSet", self.groups.iter().map(group));
        subnet.into_iter().chain(vpc).chain([groups]).collect()
    }
}
