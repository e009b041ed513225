//! Security groups, DescribeSecurityGroups, and where an instance is launched. Groups and subnets are
//! only seeded; of a group only its VPC matters here, not its rules.

use std::borrow::Cow;

use crate::{
    api::ec2::{request::Ec2Request, subnet::own_subnet},
    common::{ec2_error::client_error, error::ApiError},
    records::ec2::network::{Network, SecurityGroup},
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

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
pub(crate) fn describe_security_groups(request: &mut Ec2Request<'_>) -> Answer {
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
    ec2_answer::limited_page(
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

fn own_group<'r>(request: &'r Ec2Request<'_>, id: &str) -> Result<&'r SecurityGroup, ApiError> {
    Query::check_id(id, "sg", "InvalidGroupId.Malformed")?;
    own_groups(request).find(|one| one.id == id).ok_or_else(|| {
        client_error(
            "InvalidGroup.NotFound",
            format!("The security group '{id}' does not exist"),
        )
    })
}

impl Network {
    /// Where RunInstances asks for: `SubnetId` and `SecurityGroupId.n`.
    pub fn asked(request: &Ec2Request<'_>) -> Result<Self, ApiError> {
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
                return Err(client_error("InvalidParameter", message));
            }
            groups.push((id, group.name.clone()));
        }
        Ok(Self { subnet, groups })
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
