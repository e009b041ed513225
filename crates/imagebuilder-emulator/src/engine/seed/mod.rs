//! Seeds: what exists before anybody builds, and what is known of the use of AMIs.

pub(crate) mod fact;
pub(crate) mod image;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    engine::seed::{
        fact::{
            SeedAccount, SeedLaunch, SeedParameter, SeedReference, SeedSecurityGroup, SeedSubnet,
            SeedTemplate, SeedUsage,
        },
        image::{SeedDevice, SeedImage},
    },
    records::scan::{SeedFinding, SeedPackage},
    state::State,
};

/// Things to put into the emulator.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Seed {
    /// AMIs, replaced if they are there already.
    pub images: Vec<SeedImage>,
    /// Accounts, replaced if they are there already. An account need not be seeded to be used.
    pub accounts: Vec<SeedAccount>,
    /// SSM parameters; one that is there already gets a new version.
    pub parameters: Vec<SeedParameter>,
    /// Launch templates, replaced if they are there already.
    pub launch_templates: Vec<SeedTemplate>,
    /// Subnets, replaced if they are there already.
    pub subnets: Vec<SeedSubnet>,
    /// Security groups, replaced if they are there already.
    pub security_groups: Vec<SeedSecurityGroup>,
    /// Resources that refer to AMIs.
    pub references: Vec<SeedReference>,
    /// Numbers of further resources that refer to AMIs.
    pub usage: Vec<SeedUsage>,
    /// When AMIs were last launched; they must be there.
    pub launches: Vec<SeedLaunch>,
    /// What scans find from now on.
    pub findings: Vec<SeedFinding>,
    /// Packages that are installed in images.
    pub packages: Vec<SeedPackage>,
}

/// The Region of what is seeded without one.
pub(crate) fn us_east_1() -> String {
    "us-east-1".to_owned()
}

/// The seeded AMI of Amazon Linux 2023 in us-east-1.
pub(crate) const AMAZON_LINUX: &str = "ami-08bd941ae380bd3cd";

/// When the seeded AMIs were made, as the name of Amazon Linux 2023's says: 18 August 2025.
const RELEASED: Timestamp = Timestamp::constant(1_755_475_200, 0);

/// What exists from the start: an image like Amazon Linux 2023, and one with a data volume.
pub(crate) fn defaults() -> Seed {
    let first = SeedImage {
        name: Some("al2023-ami-2023.8.20250818.0-kernel-6.1-x86_64".to_owned()),
        description: Some("Amazon Linux 2023 AMI x86_64 HVM kernel-6.1".to_owned()),
        created: Some(RELEASED),
        ..SeedImage::new(AMAZON_LINUX)
    };
    let second = SeedImage {
        name: Some("base-with-data-volume".to_owned()),
        created: Some(RELEASED),
        devices: vec![
            SeedDevice::new("/dev/sda1", 10),
            SeedDevice::new("/dev/sdf", 20),
        ],
        ..SeedImage::new("ami-0a1b2c3d4e5f60718")
    };
    Seed {
        images: vec![first, second],
        ..Seed::default()
    }
}

impl Seed {
    /// Puts everything into the state.
    pub(crate) fn insert_into(&self, state: &mut State, now: Timestamp) {
        for image in &self.images {
            let ami = image::ami(image, &mut state.ec2, now);
            state.ec2.amis.insert(ami.id.clone(), ami);
        }
        for account in &self.accounts {
            state
                .ec2
                .accounts
                .insert(account.id.clone(), account.account());
        }
        for parameter in &self.parameters {
            parameter.insert_into(&mut state.parameters);
        }
        for template in &self.launch_templates {
            state
                .ec2
                .templates
                .insert(template.id.clone(), template.template());
        }
        for subnet in &self.subnets {
            state.ec2.subnets.insert(subnet.id.clone(), subnet.subnet());
        }
        for group in &self.security_groups {
            state
                .ec2
                .security_groups
                .insert(group.id.clone(), group.group());
        }
        let usage = &mut state.ec2.usage;
        usage
            .references
            .extend(self.references.iter().map(SeedReference::reference));
        usage.counts.extend(self.usage.iter().map(SeedUsage::count));
        for SeedLaunch { image, at } in &self.launches {
            if let Some(ami) = state.ec2.amis.get_mut(image.as_str()) {
                ami.last_launched = Some(*at);
            } else {
                tracing::warn!(
                    image,
                    "the seed has the last launch of an AMI that does not exist"
                );
            }
        }
        state.scans.findings.extend(self.findings.iter().cloned());
        state.scans.packages.extend(self.packages.iter().cloned());
    }
}
