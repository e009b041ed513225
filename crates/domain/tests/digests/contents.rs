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
use goldsmith_domain::scan::{HighestSeverity, ImageScan, ScanCondition};

use crate::world::{AMI_A, stack};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-000000005678";
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
        "d659615fa0315a708d198e044dd63248f2dce3d92660ba7c7f84e6c26591efa2",
    );
    assert_is(
        &bare(on_an_ami()).digest(),
        "75381f46a0adf471de3e5de615dadbaaded5c9db160ee5f5ce20286a2a245471",
    );
}

#[test]
fn the_digest_of_a_recipe_stays_on_every_kind_of_base() {
    let digests = parents().map(|parent| bare(parent).digest().to_string());
    assert_eq!(
        digests,
        [
            "75381f46a0adf471de3e5de615dadbaaded5c9db160ee5f5ce20286a2a245471",
            "21fdd592da9151c052b901e694221852cabdc344a70228b6dbb29bb82d9db55c",
            "8259a60a7fc5fb0b2da95a218ff1774d6a2c97d0c337424c2258c8e6a067b6a1",
            "049c0c8e4dc852db76846ee1c9cb4f1570cbbc09658ac698b86e0d5901c67493"
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
        "4bef531dfda0776a11e6ce3f1817fa961745a81b3ce5eb5992f067db9d87d752",
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

/// The tag of a pipeline for its scan: digest and text.
#[test]
fn the_digest_of_a_scan_stays() {
    let condition = ScanCondition {
        highest: HighestSeverity::High,
        only_with_fix: false,
    };
    let known = [
        (
            ImageScan::TestInstance,
            r#"{"scans":"test-instance","condition":null}"#,
            "037b315b14142407e595cc78e0f1e49a91b1443020bfbc85960331130d1d1545",
        ),
        (
            ImageScan::Ami(None),
            r#"{"scans":"ami","condition":null}"#,
            "540d749d4a358f8dc1d49bdf3ed856c5e301481b848068cc6b3421f940416b5a",
        ),
        (
            ImageScan::Ami(Some(condition)),
            r#"{"scans":"ami","condition":{"highest":"high","only_with_fix":false}}"#,
            "b002f184ad42cfc840954cd4e2f7fd6640ad4eaf6129df31ec5f8bf81ab5c043",
        ),
    ];
    for (scan, text, digest) in known {
        assert_eq!(scan.digest_input(), text);
        assert_is(&scan.digest(), digest);
    }
}

/// A refused policy is not tried again for a day; the digest tells what was tried.
#[test]
fn the_digest_of_a_refused_policy_stays() {
    let digest = of_refused_policy(
        "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234",
        "{}",
        "{\"a\":1}",
    );
    assert_is(
        &digest,
        "71393b4ebd69fbaae3839e24c0e61e8c64363056e01630c9f75dfd6c85c82e0c",
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
