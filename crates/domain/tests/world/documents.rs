//! Documents to plan for, as if they had been parsed.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::announcement::MessageKind;
use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode, Rebuild, Roles};
use goldsmith_domain::desired::{
    BaseImage, ComponentDocument, ComponentRef, ComponentUse, Desired, DocumentSource, Drift,
    Gates, Instances, Life, Platform, RecipeEntry, RegionSettings, ScheduledName, Volume,
    VolumeType,
};
use goldsmith_domain::digest;
use goldsmith_domain::names::ParameterPrefix;
use goldsmith_domain::owners::Owners;
use goldsmith_domain::problem::Place;
use goldsmith_domain::promotion::Promotion;
use goldsmith_domain::stack::StackContext;

use super::AMI_A;

pub fn stack() -> StackContext {
    StackContext {
        environment: "nonprod".parse().expect("an environment"),
        account: "111122223333".parse().expect("an account"),
        region: "us-east-1".parse().expect("a Region"),
        key: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234"
            .parse()
            .expect("a key"),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: Some(["arn:aws:iam::111122223333:role/builders".to_owned()].into()),
        parameter_prefix: ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

pub fn place() -> Place {
    Place::start_of("ami-versions.json")
}

pub fn entry(name: &str, ami: &str) -> RecipeEntry {
    RecipeEntry {
        name: name.parse().expect("a name"),
        base: BaseImage::Ami(ami.parse().expect("an AMI")),
        platform: None,
        description: None,
        tags: BTreeMap::new(),
        components: Vec::new(),
        promotion: Promotion::default(),
        life: Life::default(),
        place: place(),
    }
}

/// An entry that is built on something else than an AMI.
pub fn based(name: &str, base: BaseImage) -> RecipeEntry {
    RecipeEntry {
        base,
        ..entry(name, AMI_A)
    }
}

pub fn parameter() -> BaseImage {
    BaseImage::Parameter("/goldsmith/base".parse().expect("a parameter"))
}

pub fn parent_image() -> BaseImage {
    let arn = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x";
    BaseImage::Image(arn.parse().expect("an image"))
}

pub fn on_recipe(name: &str) -> BaseImage {
    BaseImage::Recipe(name.parse().expect("a name"))
}

pub fn scheduled(name: &str) -> ScheduledName {
    ScheduledName {
        name: name.parse().expect("a name"),
        place: place(),
    }
}

/// An account that images are shared with; every principal of it launches if there are no roles.
pub fn consumer(id: &str, roles: &[&str]) -> Account {
    let roles: BTreeSet<_> = roles
        .iter()
        .map(|role| role.parse().expect("a role"))
        .collect();
    Account {
        id: id.parse().expect("an account"),
        roles: if roles.is_empty() {
            Roles::Any
        } else {
            Roles::Named(roles)
        },
        regions: ["us-east-1".parse().expect("a Region")].into(),
        serve: DeliveryMode::Share,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        rebuild: None,
        places: BTreeMap::new(),
    }
}

/// An account that gets copies under a key of its own, and builds again what cannot be copied.
pub fn builder(id: &str) -> Account {
    let rebuild = Rebuild {
        role: format!("arn:aws:iam::{id}:role/goldsmith-nonprod-rebuild")
            .parse()
            .expect("a role"),
        instance_profile: "goldsmith-nonprod-rebuild".to_owned(),
    };
    let key = format!("arn:aws:kms:us-east-1:{id}:key/11111111-2222-4333-8444-0000000000aa")
        .parse()
        .expect("a key");
    Account {
        serve: DeliveryMode::Copy,
        keys: [(stack().region, key)].into(),
        rebuild: Some(rebuild),
        ..consumer(id, &[])
    }
}

pub fn consumers(accounts: Vec<Account>) -> Consumers {
    Consumers {
        accounts,
        organizations: Vec::new(),
    }
}

pub fn document(data: &str) -> ComponentUse {
    ComponentUse::from(ComponentRef::Document(ComponentDocument {
        key: "components/harden.yml".to_owned(),
        stem: "harden".to_owned(),
        platform: Platform::Linux,
        data: data.to_owned(),
        digest: digest::of_bytes(data.as_bytes()),
        takes_results_bucket: false,
        suite: None,
    }))
}

/// The sample: two versions on one base AMI, one component of ours, one consumer.
pub fn desired() -> Desired {
    Desired {
        environment: "nonprod".parse().expect("an environment"),
        family: "mstr".parse().expect("a family"),
        regions: [(
            "us-east-1".parse().expect("a Region"),
            RegionSettings::default(),
        )]
        .into(),
        schedule: Some("cron(0 6 ? * SUN *)".parse().expect("a schedule")),
        instances: Instances {
            types: vec!["m6i.large".to_owned()],
            ..Instances::default()
        },
        volumes: vec![Volume {
            size_gib: 30,
            volume_type: VolumeType::Gp3,
            iops: None,
            throughput: None,
        }],
        build_components: vec![document("harden")],
        test_components: Vec::new(),
        base_owners: Owners::default(),
        component_owners: Owners::default(),
        ami_name: None,
        compliance: None,
        compliance_scan: None,
        image_scan: None,
        gates: Gates::default(),
        promotion: Promotion::default(),
        require: None,
        quotas: BTreeMap::new(),
        drift: Drift::default(),
        life: Life::default(),
        notification: MessageKind::ALL.into(),
        rebuild_on_new_base: false,
        source: DocumentSource::default(),
        pause: false,
        sysprep: None,
        unknown_blocks: false,
        consumers: consumers(vec![consumer(
            "222222222222",
            &["arn:aws:iam::222222222222:role/mstr-launch"],
        )]),
        tags: [("Owner".to_owned(), "ccoe".to_owned())].into(),
        recipes: vec![entry("110304", AMI_A), entry("110302", AMI_A)],
        scheduled: vec![scheduled("110304")],
        notes: Vec::new(),
    }
}
