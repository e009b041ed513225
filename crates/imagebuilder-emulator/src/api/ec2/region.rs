//! Regions, and DescribeRegions.

use std::borrow::Cow;

use crate::{
    api::ec2::request::Ec2Request,
    common::{arn, ec2_error::client_error, error::ApiError},
    state::ec2::Ec2,
    wire::{
        ec2_answer::Answer,
        ec2_filter::{Filterable, Filters},
        xml::Xml,
    },
};

/// The Regions that every account has.
const DEFAULT: [&str; 21] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// The Regions that an account must opt in to (AWS Account Management, "Enable or disable AWS
/// Regions in your account").
const OPT_IN: [&str; 17] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// A Region as an account has it.
struct Region {
    name: &'static str,
    status: &'static str,
}

impl Region {
    fn endpoint(&self) -> String {
        let suffix = if arn::partition(self.name) == "aws-cn" {
            ".cn"
        } else {
            ""
        };
        format!("ec2.{}.amazonaws.com{suffix}", self.name)
    }

    fn view(&self) -> Xml {
        Xml::new("item")
            .text("regionName", self.name)
            .text("regionEndpoint", self.endpoint())
            .text("optInStatus", self.status)
    }
}

impl Filterable for Region {
    const NAMES: &'static [&'static str] = &["endpoint", "opt-in-status", "region-name"];

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        match name {
            "endpoint" => vec![Cow::from(self.endpoint())],
            "opt-in-status" => vec![Cow::from(self.status)],
            "region-name" => vec![Cow::from(self.name)],
            _ => Vec::new(),
        }
    }
}

impl Ec2 {
    /// The Regions of a partition as an account has them.
    fn regions(&self, account: &str, partition: &str) -> impl Iterator<Item = Region> {
        let opted_in = self.accounts.get(account).map(|account| &account.opted_in);
        let default = DEFAULT.iter().map(|name| Region {
            name,
            status: "opt-in-not-required",
        });
        let opt_in = OPT_IN.iter().map(move |name| {
            let opted_in = opted_in.is_some_and(|regions| regions.contains(*name));
            Region {
                name,
                status: if opted_in { "opted-in" } else { "not-opted-in" },
            }
        });
        default
            .chain(opt_in)
            .filter(move |region| arn::partition(region.name) == partition)
    }
}

/// DescribeRegions: those that are enabled, or with `AllRegions` or by name all of the partition.
pub(crate) fn describe_regions(request: &mut Ec2Request<'_>) -> Answer {
    let caller = request.caller;
    let partition = arn::partition(&caller.region);
    let regions: Vec<Region> = request.ec2.regions(&caller.account, partition).collect();
    let wanted = request.query.list("RegionName");
    check_names(&wanted, &regions)?;
    let filters = Filters::of::<Region>(&request.query)?;
    let all = request.query.flag("AllRegions") == Some(true);
    let found = regions.iter().filter(|region| {
        let asked = if wanted.is_empty() {
            all || region.status != "not-opted-in"
        } else {
            named(&wanted, region)
        };
        asked && filters.admit(*region, &caller.account)
    });
    Ok(vec![Xml::list("regionInfo", found.map(Region::view))])
}

fn named(wanted: &[String], region: &Region) -> bool {
    wanted.iter().any(|name| name == region.name)
}

/// The text is not recorded anywhere.
fn check_names(wanted: &[String], regions: &[Region]) -> Result<(), ApiError> {
    let unknown = wanted
        .iter()
        .find(|name| regions.iter().all(|region| region.name != *name));
    match unknown {
        Some(name) => Err(client_error(
            "InvalidParameterValue",
            format!("Invalid region name provided: {name}"),
        )),
        None => Ok(()),
    }
}
