//! What a distribution configuration says: what we could have written, and what we never would.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::names::{KeyArn, Region};
use goldsmith_domain::observed::{Content, Sharing};
use goldsmith_domain::resources::{Distribution, RegionDistribution};

use crate::imagebuilder as shapes;

/// Members that none of ours ever has, with their values.
type Others = BTreeMap<String, String>;

/// Reads a configuration of Image Builder's.
pub(super) fn distribution(configuration: &ib::DistributionConfiguration) -> Content<Distribution> {
    let mut others = Others::new();
    let mut regions = BTreeMap::new();
    for entry in configuration.distributions() {
        match entry.region().parse::<Region>() {
            Ok(region) => {
                let known = region_distribution(entry, &mut others);
                regions.insert(region, known);
            }
            Err(error) => {
                others.insert("region".to_owned(), error.found);
            }
        }
    }
    let name = configuration.name().unwrap_or_default().to_owned();
    Content {
        known: Distribution { name, regions },
        others,
    }
}

fn region_distribution(entry: &ib::Distribution, others: &mut Others) -> RegionDistribution {
    let mut strange = Strange {
        region: entry.region(),
        others,
    };
    strange.of_entry(entry);
    let ami = entry.ami_distribution_configuration();
    let targets = ami
        .map(ib::AmiDistributionConfiguration::target_account_ids)
        .unwrap_or_default();
    RegionDistribution {
        ami_name: ami
            .and_then(|ami| ami.name())
            .unwrap_or_default()
            .to_owned(),
        ami_tags: shapes::tags(ami.and_then(ib::AmiDistributionConfiguration::ami_tags)),
        kms_key: ami.and_then(|ami| strange.key(ami.kms_key_id()?)),
        shared_with: ami
            .and_then(ib::AmiDistributionConfiguration::launch_permission)
            .map(|permission| strange.sharing(permission))
            .unwrap_or_default(),
        copied_to: strange.known("copied to accounts", targets),
        parameters: strange.parameters(entry.ssm_parameter_configurations()),
        launch_templates: strange.launch_templates(entry.launch_template_configurations()),
    }
}

/// Collects what an entry says that one of ours never does.
struct Strange<'a> {
    region: &'a str,
    others: &'a mut Others,
}

impl Strange<'_> {
    fn note(&mut self, member: &str, value: String) {
        if !value.is_empty() {
            self.others
                .insert(format!("{} {member}", self.region), value);
        }
    }

    /// Those of `values` that are what they should be; the others are noted under `member`.
    fn known<T: FromStr + Ord>(&mut self, member: &str, values: &[String]) -> BTreeSet<T> {
        let (mut known, mut strange) = (BTreeSet::new(), Vec::new());
        for value in values {
            match value.parse() {
                Ok(value) => {
                    known.insert(value);
                }
                Err(_) => strange.push(value.as_str()),
            }
        }
        self.note(member, strange.join(", "));
        known
    }

    /// A key that is named by its ARN, as ours always are.
    fn key(&mut self, key: &str) -> Option<KeyArn> {
        let known = key.parse().ok();
        if known.is_none() {
            self.note("key", key.to_owned());
        }
        known
    }

    fn sharing(&mut self, permission: &ib::LaunchPermissionConfiguration) -> Sharing {
        let (everybody, groups): (Vec<&String>, Vec<&String>) = permission
            .user_groups()
            .iter()
            .partition(|group| *group == "all");
        let groups: Vec<&str> = groups.into_iter().map(String::as_str).collect();
        self.note("shared with groups", groups.join(", "));
        let mut organizations =
            self.known("shared with organizations", permission.organization_arns());
        organizations
            .extend(self.known("shared with units", permission.organizational_unit_arns()));
        Sharing {
            accounts: self.known("shared with accounts", permission.user_ids()),
            organizations,
            everybody: !everybody.is_empty(),
        }
    }

    /// Ours are written in the building account, and as ids of AMIs.
    fn parameters(&mut self, all: &[ib::SsmParameterConfiguration]) -> BTreeSet<String> {
        let ours = |one: &&ib::SsmParameterConfiguration| {
            one.ami_account_id().is_none()
                && one.data_type() == Some(&ib::SsmParameterDataType::AwsEc2Image)
        };
        let (ours, strange): (Vec<_>, Vec<_>) = all.iter().partition(ours);
        let names = strange.iter().map(|one| one.parameter_name());
        self.note("SSM parameters", names.collect::<Vec<_>>().join(", "));
        ours.iter()
            .map(|one| one.parameter_name().to_owned())
            .collect()
    }

    /// Ours are in the building account, and their new version becomes the default one.
    fn launch_templates(&mut self, all: &[ib::LaunchTemplateConfiguration]) -> BTreeSet<String> {
        let ours = |one: &&ib::LaunchTemplateConfiguration| {
            one.account_id().is_none() && one.set_default_version()
        };
        let (ours, strange): (Vec<_>, Vec<_>) = all.iter().partition(ours);
        let ids = strange.iter().map(|one| one.launch_template_id());
        self.note("launch templates", ids.collect::<Vec<_>>().join(", "));
        ours.iter()
            .map(|one| one.launch_template_id().to_owned())
            .collect()
    }

    /// What an entry of ours never has at all.
    fn of_entry(&mut self, entry: &ib::Distribution) {
        let ami = entry.ami_distribution_configuration();
        let count = |count: usize| {
            if count == 0 {
                String::new()
            } else {
                count.to_string()
            }
        };
        let export = entry
            .s3_export_configuration()
            .map(|to| to.s3_bucket().to_owned());
        let description = ami.and_then(|ami| ami.description()).unwrap_or_default();
        self.note("AMI description", description.to_owned());
        self.note(
            "license configurations",
            entry.license_configuration_arns().join(", "),
        );
        self.note(
            "fast launch configurations",
            count(entry.fast_launch_configurations().len()),
        );
        self.note("export", export.unwrap_or_default());
    }
}
