//! DescribeSubnets. Subnets are only seeded: nothing here runs in one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    answer::{self, Answer},
    filter::{Filterable, Filters},
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};

/// A subnet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subnet {
    /// For example `subnet-0a1b2c3d4e5f60718`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    pub region: String,
    /// The VPC that it is in.
    pub vpc: String,
    /// Whether instances that are launched in it get a public address.
    pub public_ip: bool,
}

impl Subnet {
    fn view(&self) -> Xml {
        Xml::new("item")
            .text("subnetId", &self.id)
            .text("state", "available")
            .text("vpcId", &self.vpc)
            .text("mapPublicIpOnLaunch", self.public_ip)
            .text("ownerId", &self.account)
    }
}

impl Filterable for Subnet {
    const NAMES: &'static [&'static str] = &["owner-id", "state", "subnet-id", "vpc-id"];
    const NOT_EMULATED: &'static [&'static str] = &["availab", "cidr", "default", "ipv6", "outpost", "tag"];

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        match name {
            "owner-id" => vec![Cow::from(&self.account)],
            "state" => vec![Cow::from("available")],
            "subnet-id" => vec![Cow::from(&self.id)],
            "vpc-id" => vec![Cow::from(&self.vpc)],
            _ => Vec::new(),
        }
    }
}

/// DescribeSubnets: the account's own in the Region; of those that are named, all must be there.
pub(super) fn describe_subnets(request: &mut Ec2Request<'_>) -> Answer {
    let caller = request.caller;
    let wanted = request.query.list("SubnetId");
    let filters = Filters::of::<Subnet>(&request.query)?;
    let here = request.ec2.subnets.values();
    let here: Vec<&Subnet> =
        here.filter(|one| one.region == caller.region && one.account == caller.account).collect();
    for id in &wanted {
        Query::check_id(id, "subnet", "InvalidSubnetID.Malformed")?;
        if here.iter().all(|one| one.id != *id) {
            let message = format!("The subnet ID '{id}' does not exist");
            return Err(refused("InvalidSubnetID.NotFound", message));
        }
    }
    let found = here.into_iter().filter(|one| {
        (wanted.is_empty() || wanted.contains(&one.id)) && filters.admit(*one, &caller.account)
    });
    answer::limited_page(&request.query, "subnetSet", found.map(Subnet::view).collect(), 5)
}
