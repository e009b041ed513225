//! Digests of contents: components, recipes and configurations.

use std::collections::BTreeMap;

use goldsmith_domain::desired::{LogLocation, MetadataOptions, Volume, VolumeType};
use goldsmith_domain::digest::{of_bytes, of_refused_policy};
use goldsmith_domain::names::Digest;
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::resources::{
    ComponentPin, Distribution, Infrastructure, ParentPin, PinnedComponent, RecipeContent,
    RegionDistribution, description, digest_in,
};

use crate::world::{AMI_A, stack};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/5678";
const ARN: &str = "arn:aws:imagebuilder:us-east-1:aws";

fn tags() -> BTreeMap<String, String> {
    [("Owner", "ccoe"), ("goldsmith:environment", "nonprod")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn volume(volume_type: VolumeType, iops: Option<u32>, throughput: Option<u32>) -> Volume {
    Volume {
        size_gib: 30,
        volume_type,
        iops,
        throughput,
    }
}

fn component(component: ComponentPin, parameters: &[(&str, &str)]) -> PinnedComponent {
    let parameters = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    PinnedComponent {
        component,
        parameters,
    }
}

fn theirs() -> ComponentPin {
    let arn = format!("{ARN}:component/update-linux/x.x.x");
    ComponentPin::Arn(arn.parse().expect("a component"))
}

fn ours() -> ComponentPin {
    ComponentPin::Document {
        name: "mstr-nonprod-harden".to_owned(),
        digest: of_bytes(b"harden"),
    }
}

/// A recipe with nothing that may be left out.
fn bare(parent: ParentPin) -> RecipeContent {
    RecipeContent {
        name: "mstr-nonprod-110304".to_owned(),
        parent,
        components: Vec::new(),
        volumes: Vec::new(),
        key: stack().key,
        ami_tags: BTreeMap::new(),
    }
}

fn on_an_ami() -> ParentPin {
    ParentPin::Ami(AMI_A.parse().expect("an AMI"))
}

/// A recipe with everything in both states: present and left out.
fn full() -> RecipeContent {
    RecipeContent {
        components: vec![
            component(theirs(), &[]),
            component(theirs(), &[("Level", "High"), ("Extra", "")]),
            component(ours(), &[]),
            component(ours(), &[("a", "1")]),
        ],
        volumes: vec![
            volume(VolumeType::Gp3, Some(3000), Some(125)),
            volume(VolumeType::Gp3, Some(3000), None),
            volume(VolumeType::Gp3, None, Some(125)),
            volume(VolumeType::Gp2, None, None),
            volume(VolumeType::Io1, Some(100), None),
            volume(VolumeType::Io2, Some(100), None),
            volume(VolumeType::St1, None, None),
            volume(VolumeType::Sc1, None, None),
            volume(VolumeType::Standard, None, None),
        ],
        ami_tags: tags(),
        ..bare(on_an_ami())
    }
}

fn parents() -> [ParentPin; 4] {
    let image = format!("{ARN}:image/amazon-linux-2023-x86/x.x.x");
    [
        on_an_ami(),
        ParentPin::Parameter("/golden/base".parse().expect("a parameter")),
        ParentPin::Image(image.parse().expect("an image")),
        ParentPin::Recipe {
            name: "mstr-nonprod-base".to_owned(),
            digest: of_bytes(b"base"),
        },
    ]
}

fn infrastructure() -> Infrastructure {
    Infrastructure {
        name: "mstr-nonprod".to_owned(),
        instance_types: vec!["m6i.large".to_owned(), "m5.large".to_owned()],
        instance_profile: "goldsmith-nonprod".to_owned(),
        key_pair: Some("debug".to_owned()),
        subnet: Some("subnet-0123456789abcdef0".to_owned()),
        security_groups: vec!["sg-0123456789abcdef0".to_owned()],
        metadata: MetadataOptions {
            tokens_required: true,
            hop_limit: 2,
        },
        logs: Some(LogLocation {
            bucket: "logs".to_owned(),
            prefix: "builds/".to_owned(),
        }),
        terminate_on_failure: true,
        resource_tags: tags(),
    }
}

/// An infrastructure configuration with nothing that may be left out.
fn bare_infrastructure() -> Infrastructure {
    Infrastructure {
        instance_types: Vec::new(),
        key_pair: None,
        subnet: None,
        security_groups: Vec::new(),
        metadata: MetadataOptions {
            tokens_required: false,
            hop_limit: 1,
        },
        logs: None,
        terminate_on_failure: false,
        resource_tags: BTreeMap::new(),
        ..infrastructure()
    }
}

fn distribution(entry: RegionDistribution) -> Distribution {
    let regions = [
        ("us-east-1", RegionDistribution::default()),
        ("eu-west-1", entry),
    ]
    .map(|(region, entry)| (region.parse().expect("a Region"), entry));
    Distribution {
        name: "mstr-nonprod-110304".to_owned(),
        regions: regions.into(),
    }
}

fn full_entry() -> RegionDistribution {
    let accounts = ["444444444444", "222222222222"].map(|id| id.parse().expect("an account"));
    let organization = "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5";
    RegionDistribution {
        ami_name: "mstr {{ imagebuilder:buildDate }}".to_owned(),
        ami_tags: tags(),
        kms_key: Some(KEY.parse().expect("a key")),
        shared_with: Sharing {
            accounts: accounts.clone().into(),
            organizations: [organization.parse().expect("an organization")].into(),
            everybody: true,
        },
        copied_to: accounts.into(),
        parameters: ["/golden/110304".to_owned()].into(),
        launch_templates: ["lt-0123456789abcdef0".to_owned()].into(),
    }
}

#[track_caller]
fn assert_is(digest: &Digest, literal: &str) {
    assert_eq!(digest.as_str(), literal);
}

#[test]
fn the_digest_of_a_component_is_that_of_its_text() {
    assert_is(
        &of_bytes(b"name: harden\n"),
        "5f4ffdb71b34a696cf621567fac2cda0c68862858c1d433f7e566a1e4101dfad",
    );
    assert_is(
        &of_bytes(b""),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
}

#[test]
fn the_digest_of_a_recipe_stays() {
    assert_is(
        &full().digest(),
        "55619d2f9ede0fe0550849400dafdf76a4f0ccfce3540eaf8d6c0ca53aaeadba",
    );
    assert_is(
        &bare(on_an_ami()).digest(),
        "007e417c57d3404eff416b33642ffd79029a104707751be7ea112e7e63ffad0f",
    );
}

#[test]
fn the_digest_of_a_recipe_stays_on_every_kind_of_base() {
    let digests = parents().map(|parent| bare(parent).digest().to_string());
    assert_eq!(
        digests,
        [
            "007e417c57d3404eff416b33642ffd79029a104707751be7ea112e7e63ffad0f",
            "5e3316c22d8841264e909c58b31a356974f6226dc1ca034607ec01b79d9473ba",
            "31ab3b77f2e6b58146e9a095ab80ffd65f6ef521e2b60721094b37b0d5ecd78d",
            "9369b2d41f8b1708f477e68c113593a566b537f09981d217ce984900b2d76d3f"
        ]
    );
}

#[test]
fn the_digest_of_an_infrastructure_configuration_stays() {
    assert_is(
        &infrastructure().digest(),
        "edbbf16456fa3f619263cd074d9f23291b7964a94094724c8bcaa3dceb3bb7f7",
    );
    assert_is(
        &bare_infrastructure().digest(),
        "89352114c34240e4a53d233769377ce6632c984705c54796410f8013efad47c6",
    );
}

#[test]
fn the_digest_of_a_distribution_configuration_stays() {
    assert_is(
        &distribution(full_entry()).digest(),
        "8186b9cdb3f90531a802904d618eb947ec1f9a61bfd7f38885032c88cf3f678b",
    );
    assert_is(
        &distribution(RegionDistribution::default()).digest(),
        "529ea3e2c6b6f21a7c623892ac44bfc88c892feaf1ef4fa652fea866aa96dbeb",
    );
}

#[test]
fn a_description_carries_its_digest_in_one_way() {
    let digest = bare_infrastructure().digest();
    let text = format!("goldsmith:digest={digest}");
    assert_eq!(description(&digest), text);
    assert_eq!(digest_in(&text), Some(digest));
}

/// A refused policy is not tried again for a day; the digest tells what was tried.
#[test]
fn the_digest_of_a_refused_policy_stays() {
    let digest = of_refused_policy(
        "arn:aws:kms:us-east-1:111122223333:key/1234",
        "{}",
        "{\"a\":1}",
    );
    assert_is(
        &digest,
        "8015e40d6cd87e37c2ee4bab47e94e6d089f4937d1275c7abf589eb545d99ee6",
    );
}

/// The text of version 1, one line of JSON.
macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("v1/", $name, ".json")).trim_end()
    };
}

#[test]
fn the_text_of_a_recipe_stays() {
    assert_eq!(full().digest_input(), text!("recipe"));
    let texts = parents().map(|parent| bare(parent).digest_input());
    let literals = [
        text!("recipe-on-an-ami"),
        text!("recipe-on-a-parameter"),
        text!("recipe-on-an-image"),
        text!("recipe-on-a-recipe"),
    ];
    assert_eq!(texts, literals);
}

#[test]
fn the_text_of_an_infrastructure_configuration_stays() {
    assert_eq!(infrastructure().digest_input(), text!("infrastructure"));
    assert_eq!(
        bare_infrastructure().digest_input(),
        text!("infrastructure-bare")
    );
}

#[test]
fn the_text_of_a_distribution_configuration_stays() {
    assert_eq!(
        distribution(full_entry()).digest_input(),
        text!("distribution")
    );
    assert_eq!(
        distribution(RegionDistribution::default()).digest_input(),
        text!("distribution-bare")
    );
}
