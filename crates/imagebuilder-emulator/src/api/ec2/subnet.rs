//! DescribeSubnets. Subnets are only seeded: nothing here runs in one.

use std::borrow::Cow;

use crate::{
    api::ec2::request::Ec2Request,
    common::{ec2_error::client_error, error::ApiError},
    records::ec2::subnet::Subnet,
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

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
    const NOT_EMULATED: &'static [&'static str] =
        &["availab", "cidr", "default", "ipv6", "outpost", "tag"];

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

/// The caller's subnet in the Region.
pub(crate) fn own_subnet<'r>(
    request: &'r Ec2Request<'_>,
    id: &str,
) -> Result<&'r Subnet, ApiError> {
    Query::check_id(id, "subnet", "InvalidSubnetID.Malformed")?;
    own(request).find(|one| one.id == id).ok_or_else(|| {
        client_error(
            "InvalidSubnetID.NotFound",
            format!("The subnet ID '{id}' does not exist"),
        )
    })
}

fn own<'r>(request: &'r Ec2Request<'_>) -> impl Iterator<Item = &'r Subnet> {
    let caller = request.caller;
    let subnets = request.ec2.subnets.values();
    subnets.filter(move |one| one.region == caller.region && one.account == caller.account)
}

/// DescribeSubnets: the account's own in the Region; of those that are named, all must be there.
pub(crate) fn describe_subnets(request: &mut Ec2Request<'_>) -> Answer {
    let caller = request.caller;
    let wanted = request.query.list("SubnetId");
    let filters = Filters::of::<Subnet>(&request.query)?;
    wanted
        .iter()
        .try_for_each(|id| own_subnet(request, id).map(drop))?;
    let found = own(request).filter(|one| {
        (wanted.is_empty() || wanted.contains(&one.id)) && filters.admit(*one, &caller.account)
    });
    ec2_answer::limited_page(
        &request.query,
        "subnetSet",
        found.map(Subnet::view).collect(),
        5,
    )
}
