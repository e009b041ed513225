//! Changes of the documents, and what a review has to say of each.

use std::collections::BTreeSet;

use goldsmith_domain::desired::{
    BaseImage, ComponentRef, ComponentUse, Desired, LogLocation, RegionSettings, VolumeType,
};
use goldsmith_domain::names::LaunchTemplateId;

use super::documents::{KEYS, amazons, ireland, key, organization};
use crate::world::{AMI_A, AMI_B, consumer, document, parameter, parent_image};

type Change = fn(&mut Desired);

/// What changes, and how the review has to say it: what, old value, new value.
pub(super) const CASES: &[(Change, &str, &str, &str)] = &[
    (
        |d| d.family = "MSTR".parse().expect("a family"),
        "name",
        "mstr-nonprod-a",
        "MSTR-nonprod-a",
    ),
    (
        |d| d.family = "MSTR".parse().expect("a family"),
        "name of infrastructure",
        "mstr-nonprod",
        "MSTR-nonprod",
    ),
    (
        |d| d.family = "MSTR".parse().expect("a family"),
        "name of distribution",
        "mstr-nonprod-a",
        "MSTR-nonprod-a",
    ),
    (
        |d| d.recipes[0].name = "A".parse().expect("a name"),
        "AMI tag goldsmith:recipename",
        "a",
        "A",
    ),
    (
        |d| d.recipes[0].base = BaseImage::Ami(AMI_B.parse().expect("an AMI")),
        "base image",
        AMI_A,
        AMI_B,
    ),
    (
        |d| d.recipes[0].base = parameter(),
        "base image",
        AMI_A,
        "ssm:/goldsmith/base",
    ),
    (
        |d| d.recipes[0].base = parent_image(),
        "base image",
        AMI_A,
        ":aws:image/amazon-linux-2023-x86/x.x.x",
    ),
    (
        |d| d.build_components[0] = amazons("999999999999"),
        "component arn:aws:imagebuilder:us-east-1:999999999999:component/update-linux",
        "-",
        "x.x.x with Level=High",
    ),
    (
        |d| d.build_components[0] = amazons("999999999999"),
        "component update-linux",
        "x.x.x with Level=High",
        "-",
    ),
    (
        |d| d.build_components[0] = amazons("111122223333"),
        "component arn:aws:imagebuilder:us-east-1:111122223333:component/update-linux",
        "-",
        "x.x.x with Level=High",
    ),
    (
        |d| d.build_components[1] = document("harden more"),
        "component harden",
        "1.0.0",
        "1.0.1",
    ),
    (
        |d| rename(&mut d.build_components[1], "lock"),
        "component lock",
        "-",
        "1.0.0",
    ),
    (
        |d| d.build_components.reverse(),
        "order of components",
        "update-linux, harden",
        "harden, update-linux",
    ),
    (
        |d| set(&mut d.build_components[0], "Level", "Low"),
        "component update-linux",
        "x.x.x with Level=High",
        "x.x.x with Level=Low",
    ),
    (
        |d| set(&mut d.build_components[0], "Level", "High, More=1"),
        "component update-linux",
        "Level=High",
        "Level=\"High, More=1\"",
    ),
    (
        |d| set(&mut d.build_components[0], "More", "1"),
        "component update-linux",
        "with Level=High",
        "with Level=High, More=1",
    ),
    (
        |d| d.volumes[0].size_gib = 50,
        "volume /dev/xvda",
        "30 GiB gp3",
        "50 GiB gp3",
    ),
    (
        |d| d.volumes[0].volume_type = VolumeType::Io2,
        "volume /dev/xvda",
        "30 GiB gp3",
        "30 GiB io2",
    ),
    (
        |d| d.volumes[0].iops = Some(4000),
        "volume /dev/xvda",
        "3000 IOPS",
        "4000 IOPS",
    ),
    (
        |d| d.volumes[0].throughput = Some(250),
        "volume /dev/xvda",
        "125 MiB/s",
        "250 MiB/s",
    ),
    (
        |d| drop(d.tags.insert("Owner".to_owned(), "bi".to_owned())),
        "AMI tag Owner",
        "ccoe",
        "bi",
    ),
    (
        |d| drop(d.tags.insert("Owner".to_owned(), "bi".to_owned())),
        "instance tag Owner",
        "ccoe",
        "bi",
    ),
    (
        |d| drop(d.tags.insert("Owner".to_owned(), "bi".to_owned())),
        "eu-west-1 AMI tag Owner",
        "ccoe",
        "bi",
    ),
    (
        |d| d.instances.types = vec!["m7i.large".to_owned()],
        "instance types",
        "m6i.large",
        "m7i.large",
    ),
    (
        |d| d.instances.profile = Some("other".to_owned()),
        "instance profile",
        "build",
        "other",
    ),
    (|d| d.instances.key_pair = None, "key pair", "ops", "-"),
    (
        |d| d.instances.subnet = Some("subnet-2".to_owned()),
        "subnet",
        "subnet-1",
        "subnet-2",
    ),
    (
        |d| d.instances.security_groups = vec!["sg-2".to_owned()],
        "security groups",
        "sg-1",
        "sg-2",
    ),
    (
        |d| d.instances.metadata.tokens_required = false,
        "instance metadata",
        "version 2 only",
        "versions 1 and 2",
    ),
    (
        |d| d.instances.metadata.hop_limit = 2,
        "instance metadata",
        "hop limit 1",
        "hop limit 2",
    ),
    (
        |d| "others".clone_into(&mut logs(d).bucket),
        "build logs",
        "s3://logs/builds",
        "s3://others/builds",
    ),
    (
        |d| "x".clone_into(&mut logs(d).prefix),
        "build logs",
        "s3://logs/builds",
        "s3://logs/x",
    ),
    (
        |d| d.instances.keep_on_failure = true,
        "instance of a failed build",
        "terminated",
        "kept",
    ),
    (
        |d| d.ami_name = Some("golden {recipename}".parse().expect("a name")),
        "us-east-1 AMI name",
        "mstr-nonprod-a {{",
        "golden a {{",
    ),
    (
        |d| abroad(d).kms_key = Some(key(1)),
        "Region eu-west-1",
        KEYS[0],
        KEYS[1],
    ),
    (
        |d| {
            abroad(d).parameters =
                ["/imagebuilder/x/{recipename}".parse().expect("a pattern")].into();
        },
        "eu-west-1 parameters",
        "/imagebuilder/a/ami",
        "/imagebuilder/x/a",
    ),
    (
        |d| *templates(d) = ["lt-00000000000000001".parse().expect("a template")].into(),
        "eu-west-1 launch templates",
        "lt-0123456789abcdef0",
        "lt-00000000000000001",
    ),
    (
        |d| d.consumers.accounts.push(consumer("333333333333", &[])),
        "access of 333333333333",
        "-",
        "Gains",
    ),
    (
        |d| d.consumers.accounts.clear(),
        "access of 222222222222",
        "-",
        "Loses",
    ),
    (
        |d| d.consumers.organizations.push(organization("o-f1f2f3f4f5")),
        "access of o-f1f2f3f4f5",
        "-",
        "Gains",
    ),
];

pub(super) fn rename(used: &mut ComponentUse, stem: &str) {
    if let ComponentRef::Document(document) = &mut used.component {
        stem.clone_into(&mut document.stem);
    }
}

fn set(used: &mut ComponentUse, name: &str, value: &str) {
    used.parameters.insert(name.to_owned(), value.to_owned());
}

fn logs(desired: &mut Desired) -> &mut LogLocation {
    desired.instances.logs.as_mut().expect("logs")
}

fn abroad(desired: &mut Desired) -> &mut RegionSettings {
    desired.regions.get_mut(&ireland()).expect("the Region")
}

fn templates(desired: &mut Desired) -> &mut BTreeSet<LaunchTemplateId> {
    let mut all = abroad(desired).launch_templates.values_mut();
    all.next().expect("its templates")
}
