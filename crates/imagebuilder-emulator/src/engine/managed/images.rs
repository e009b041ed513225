//! Images that Amazon manages, with account `aws` in their ARN. The names are real, the versions
//! only plausible: refer to them as `x.x.x`. Each has a public AMI in its Region.

use jiff::Timestamp;

use crate::{
    common::{
        arn::{Arn, Kind},
        date::Date,
        version::Version,
    },
    engine::{
        build::{ids, placeholder::placeholder},
        seed::{AMAZON_LINUX, Seed, image::SeedImage},
    },
    records::{
        ec2::ami::Ami,
        image::{BuildType, Image, ImageSource, ImageStatus, Origin, OutputAmi},
    },
    state::State,
};

/// An entry of the catalogue.
struct Managed {
    name: &'static str,
    version: Version,
    system: &'static str,
    ami_name: &'static str,
    platform_details: &'static str,
    architecture: &'static str,
    status: ImageStatus,
}

const LINUX: &str = "Linux/UNIX";

const CATALOGUE: [Managed; 5] = [
    Managed {
        name: "amazon-linux-2-x86",
        version: Version::new(2023, 11, 8),
        system: "Amazon Linux 2",
        ami_name: "amzn2-ami-kernel-5.10-hvm-2.0.20231101.0-x86_64-gp2",
        platform_details: LINUX,
        architecture: "x86_64",
        status: ImageStatus::Deprecated,
    },
    Managed {
        name: "amazon-linux-2023-x86",
        version: Version::new(2025, 8, 18),
        system: "Amazon Linux 2023",
        ami_name: "al2023-ami-2023.8.20250818.0-kernel-6.1-x86_64",
        platform_details: LINUX,
        architecture: "x86_64",
        status: ImageStatus::Available,
    },
    Managed {
        name: "amazon-linux-2023-arm64",
        version: Version::new(2025, 8, 18),
        system: "Amazon Linux 2023",
        ami_name: "al2023-ami-2023.8.20250818.0-kernel-6.1-arm64",
        platform_details: LINUX,
        architecture: "arm64",
        status: ImageStatus::Available,
    },
    Managed {
        name: "ubuntu-server-22-lts-x86",
        version: Version::new(2025, 5, 8),
        system: "Ubuntu 22",
        ami_name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20250508",
        platform_details: LINUX,
        architecture: "x86_64",
        status: ImageStatus::Available,
    },
    Managed {
        name: "windows-server-2022-english-full-base-x86",
        version: Version::new(2024, 8, 14),
        system: "Microsoft Windows Server 2022",
        ami_name: "Windows_Server-2022-English-Full-Base-2024.08.14",
        platform_details: "Windows",
        architecture: "x86_64",
        status: ImageStatus::Available,
    },
];

/// Puts the managed images of a Region into the state, and their AMIs into EC2.
pub(crate) fn insert(state: &mut State, region: &str) {
    for managed in &CATALOGUE {
        let id = inserted_ami(managed, region, state);
        if let Some(image) = state
            .ec2
            .amis
            .get(id.as_str())
            .map(|ami| image(managed, region, ami))
        {
            state.images.insert(image.arn.clone(), image);
        }
    }
}

/// The AMI; Amazon Linux 2023 in us-east-1 is the one that is seeded there. The others' ids follow
/// from their names, so that they are the same in every run.
fn inserted_ami(managed: &Managed, region: &str, state: &mut State) -> String {
    let amis = &state.ec2.amis;
    if amis
        .get(AMAZON_LINUX)
        .is_some_and(|ami| ami.name == managed.ami_name && ami.region == region)
    {
        return AMAZON_LINUX.to_owned();
    }
    let id = ids::made_by(managed.ami_name, region).replace('-', "");
    let id = format!("ami-0{}", &id[..16]);
    let seed = SeedImage {
        region: region.to_owned(),
        name: Some(managed.ami_name.to_owned()),
        platform_details: managed.platform_details.to_owned(),
        architecture: managed.architecture.to_owned(),
        ..SeedImage::new(id.clone())
    };
    Seed {
        images: vec![seed],
        ..Seed::default()
    }
    .insert_into(state, Timestamp::UNIX_EPOCH);
    id
}

fn image(managed: &Managed, region: &str, ami: &Ami) -> Image {
    let arn = Arn::new(region, "aws", Kind::Image, managed.name)
        .at(managed.version)
        .build(1);
    let output = OutputAmi {
        region: ami.region.clone(),
        image: ami.id.clone(),
        name: ami.name.clone(),
        description: ami.description.clone(),
        account_id: ami.owner.clone(),
    };
    Image {
        origin: Origin::Managed,
        source: ImageSource::AmazonManaged,
        status: managed.status,
        build_type: BuildType::Scheduled,
        os_version: Some(managed.system.to_owned()),
        ami: Some(ami.id.clone()),
        outputs: vec![output],
        ..placeholder(arn, managed.name, ami, Date(Timestamp::UNIX_EPOCH))
    }
}
