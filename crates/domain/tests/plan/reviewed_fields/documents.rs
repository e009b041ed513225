//! Documents in which everything is said that a digest may cover.

use goldsmith_domain::consumers::Organization;
use goldsmith_domain::desired::{
    ComponentRef, ComponentUse, Desired, Instances, LogLocation, MetadataOptions, RegionSettings,
    Volume, VolumeType,
};
use goldsmith_domain::names::{KeyArn, Region};

use crate::world::{AMI_A, desired, document, entry, stack};

pub(super) const KEYS: [&str; 2] = [
    "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678",
    "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000009abc",
];

pub(super) fn ireland() -> Region {
    "eu-west-1".parse().expect("a Region")
}

pub(super) fn key(index: usize) -> KeyArn {
    KEYS[index].parse().expect("a key")
}

pub(super) fn amazons(owner: &str) -> ComponentUse {
    let arn = format!("arn:aws:imagebuilder:us-east-1:{owner}:component/update-linux/x.x.x");
    let component = ComponentRef::Arn(arn.parse().expect("a component"));
    ComponentUse {
        component,
        parameters: [("Level".to_owned(), "High".to_owned())].into(),
    }
}

/// Documents in which everything is said that a digest may cover.
pub(super) fn everything() -> Desired {
    let settings = RegionSettings {
        kms_key: Some(key(0)),
        parameters: ["/imagebuilder/{recipename}/ami".parse().expect("a pattern")].into(),
        launch_templates: [(
            "a".parse().expect("a name"),
            ["lt-0123456789abcdef0".parse().expect("a template")].into(),
        )]
        .into(),
        ..RegionSettings::default()
    };
    let mut wanted = desired();
    wanted.regions.insert(ireland(), settings);
    wanted.instances = Instances {
        types: vec!["m6i.large".to_owned()],
        profile: Some("build".to_owned()),
        key_pair: Some("ops".to_owned()),
        subnet: Some("subnet-1".to_owned()),
        security_groups: vec!["sg-1".to_owned()],
        public_ip: None,
        metadata: MetadataOptions::default(),
        logs: Some(LogLocation {
            bucket: "logs".to_owned(),
            prefix: "builds".to_owned(),
        }),
        keep_on_failure: false,
    };
    wanted.volumes = vec![Volume {
        size_gib: 30,
        volume_type: VolumeType::Gp3,
        iops: Some(3000),
        throughput: Some(125),
    }];
    wanted.build_components = vec![amazons("aws"), document("harden")];
    wanted.component_owners = ["self", "amazon", "999999999999"]
        .iter()
        .map(|owner| owner.parse().expect("an owner"))
        .collect();
    wanted.recipes = vec![entry("a", AMI_A)];
    wanted.scheduled = Vec::new();
    wanted.consumers.organizations = vec![organization("o-a1b2c3d4e5")];
    wanted
}

pub(super) fn organization(id: &str) -> Organization {
    Organization {
        arn: format!("arn:aws:organizations::111122223333:organization/{id}")
            .parse()
            .expect("an organization"),
        path: format!("{id}/*").parse().expect("a path"),
        regions: [stack().region, ireland()].into(),
    }
}
