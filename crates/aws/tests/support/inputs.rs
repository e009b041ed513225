//! Inputs of changes, each with every member filled in.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::desired::{MetadataOptions, Platform, VolumeType};
use goldsmith_domain::names::AccountId;
use goldsmith_domain::observed::{Sharing, Tags};
use goldsmith_domain::plan::{
    ComponentWithParameters, Configured, CreateComponent, CreatePipeline, CreateRecipe,
    EncryptedDevice, RecipeComponent, StartBuild,
};
use goldsmith_domain::resources::{Distribution, Infrastructure, RegionDistribution};

use super::documents::{FURTHER_KEY, HARDEN, KEY};
use super::parsed;

pub const COMPONENT: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:component/mstr-nonprod-harden/1.0.4/1";
pub const INFRASTRUCTURE: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:infrastructure-configuration/mstr-nonprod";
pub const DISTRIBUTION: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:distribution-configuration/mstr-nonprod-110304";
pub const RECIPE: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:image-recipe/mstr-nonprod-110304/1.0.2";
pub const PIPELINE: &str =
    "arn:aws:imagebuilder:us-east-1:111122223333:image-pipeline/mstr-nonprod-110304";
pub const FOREIGN: &str = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x";

pub fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// Our component's build.
pub fn component() -> CreateComponent {
    CreateComponent {
        arn: parsed(COMPONENT),
        name: "mstr-nonprod-harden".to_owned(),
        description: "components/harden.yml".to_owned(),
        platform: Platform::Linux,
        data: HARDEN.to_owned(),
        tags: tags(&[("Owner", "ccoe")]),
    }
}

pub fn infrastructure(instance_type: &str, digest: &str) -> Configured<Infrastructure> {
    Configured {
        arn: INFRASTRUCTURE.to_owned(),
        content: Infrastructure {
            name: "mstr-nonprod".to_owned(),
            instance_types: vec![instance_type.to_owned(), "m5.large".to_owned()],
            instance_profile: "goldsmith-nonprod".to_owned(),
            key_pair: None,
            subnet: None,
            security_groups: Vec::new(),
            metadata: MetadataOptions::default(),
            logs: None,
            terminate_on_failure: true,
            resource_tags: tags(&[("Owner", instance_type)]),
        },
        description: format!("goldsmith:digest={digest}"),
        tags: tags(&[("Owner", digest)]),
    }
}

pub fn distribution(account: &str, digest: &str) -> Configured<Distribution> {
    let entry = |kms_key: Option<&str>| RegionDistribution {
        ami_name: "mstr-nonprod-110304 {{ imagebuilder:buildDate }}".to_owned(),
        ami_tags: tags(&[("Product", account)]),
        kms_key: kms_key.map(parsed),
        shared_with: Sharing {
            accounts: [parsed(account)].into(),
            ..Sharing::default()
        },
        copied_to: BTreeSet::new(),
        parameters: BTreeSet::new(),
        launch_templates: BTreeSet::new(),
    };
    let regions = [
        (parsed("us-east-1"), entry(None)),
        (parsed("eu-west-1"), entry(Some(FURTHER_KEY))),
    ]
    .into();
    Configured {
        arn: DISTRIBUTION.to_owned(),
        content: Distribution {
            name: "mstr-nonprod-110304".to_owned(),
            regions,
        },
        description: format!("goldsmith:digest={digest}"),
        tags: tags(&[("Owner", digest)]),
    }
}

pub fn device(name: &str, size_gib: u32, volume_type: VolumeType) -> EncryptedDevice {
    let iops = volume_type.needs_iops().then_some(1000);
    EncryptedDevice {
        name: name.to_owned(),
        size_gib,
        volume_type,
        iops,
        throughput: None,
        key: parsed(KEY),
    }
}

/// Somebody else's component, which exists everywhere.
pub fn foreign() -> ComponentWithParameters {
    used(RecipeComponent::Foreign(parsed(FOREIGN)))
}

/// A component without parameters.
pub fn used(component: RecipeComponent) -> ComponentWithParameters {
    ComponentWithParameters {
        component,
        parameters: BTreeMap::new(),
    }
}

pub fn recipe(arn: &str, base_ami: &str, components: Vec<ComponentWithParameters>) -> CreateRecipe {
    CreateRecipe {
        arn: parsed(arn),
        name: "mstr-nonprod-110304".to_owned(),
        parent: base_ami.to_owned(),
        components,
        devices: vec![
            device("/dev/sda1", 30, VolumeType::Gp3),
            device("/dev/sdf", 20, VolumeType::Io2),
        ],
        ami_tags: tags(&[("goldsmith:recipename", "110304")]),
        tags: tags(&[("goldsmith:digest", "abc")]),
    }
}

pub fn pipeline() -> CreatePipeline {
    CreatePipeline {
        arn: parsed(PIPELINE),
        name: "mstr-nonprod-110304".to_owned(),
        description: Some("MSTR 11.3.4".to_owned()),
        recipe: parsed(RECIPE),
        infrastructure: INFRASTRUCTURE.to_owned(),
        distribution: DISTRIBUTION.to_owned(),
        scan: None,
        tags: tags(&[("goldsmith:environment", "nonprod"), ("Owner", "ccoe")]),
    }
}

pub fn start(token: &str) -> StartBuild {
    StartBuild {
        pipeline: parsed(PIPELINE),
        recipename: parsed("110304"),
        token: token.to_owned(),
        tags: tags(&[("goldsmith:recipename", "110304")]),
    }
}

/// That many accounts, none of which the documents name.
pub fn accounts(count: u64) -> Vec<AccountId> {
    (0..count)
        .map(|n| parsed(&format!("{:012}", 200_000_000_000 + n)))
        .collect()
}
