//! The forms of values here and those of the core are the same, as far as texts of either kind show it.

use std::str::FromStr;

use goldsmith_domain::names::{
    AccountId, AmiId, AmiName, ComponentArn, InstanceProfileName, InstanceType, KeyArn,
    KeyPairName, LaunchTemplateId, OrganizationArn, ParameterName, ParentImageArn, Region,
    SecurityGroupId, SubnetId,
};
use goldsmith_import::valid::{self, Form};
use proptest::prelude::*;

const TEXTS: [&str; 46] = [
    "",
    " ",
    "ami-08bd941ae380bd3cd",
    "ami-1a2b3c4d",
    "ami-08BD941AE380BD3CD",
    "ami-08bd941ae380bd3c",
    "222222222222",
    "22222222222",
    "us-east-1",
    "us-gov-west-1",
    "us-east",
    "us-east-100",
    "ap-southeast-10",
    "u-east-1",
    "subnet-29cb4f75",
    "subnet-0a1b2c3d4e5f60718",
    "sg-6f18e222",
    "default",
    "m6i.large",
    "u-6tb1.112xlarge",
    "m6i",
    "M6i.large",
    "m6i.large-",
    "image-builder",
    "arn:aws:iam::111122223333:instance-profile/x",
    "my key",
    " key",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    "arn:aws:kms:us-east-1:111122223333:alias/images",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
    "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "lt-0123456789abcdef0",
    "lt-01234567",
    "golden {recipename}",
    "{recipename}.",
    "{recipename}-{recipename}",
    "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x",
    "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/1.x.2",
    "arn:aws:imagebuilder:us-east-1:aws:component/Update/1.0.0/1",
    "arn:aws:imagebuilder:us-east-1:third-party:component/agent/1.0.0/2",
    "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x",
    "arn:aws:imagebuilder:us-east-1:third-party:image/x/1.0.0",
    "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5",
    "/golden/base",
    "golden/base",
];

fn same<T: FromStr>(form: &Form, text: &str) {
    assert_eq!(
        (form.fits)(text),
        text.parse::<T>().is_ok(),
        "{}: {text:?}",
        form.expected
    );
}

fn all_same(text: &str) {
    same::<AmiId>(&valid::AMI, text);
    same::<AccountId>(&valid::ACCOUNT, text);
    same::<Region>(&valid::REGION, text);
    same::<SubnetId>(&valid::SUBNET, text);
    same::<SecurityGroupId>(&valid::SECURITY_GROUP, text);
    same::<InstanceType>(&valid::INSTANCE_TYPE, text);
    same::<InstanceProfileName>(&valid::INSTANCE_PROFILE, text);
    same::<KeyPairName>(&valid::KEY_PAIR, text);
    same::<KeyArn>(&valid::KEY, text);
    same::<LaunchTemplateId>(&valid::LAUNCH_TEMPLATE, text);
    same::<AmiName>(&valid::AMI_NAME, text);
    same::<ComponentArn>(&valid::COMPONENT, text);
    // Units of an organization are no consumers that an import makes.
    if !text.contains(":ou/") {
        same::<OrganizationArn>(&valid::ORGANIZATION, text);
    }
    let is_image = text.parse::<AmiId>().is_ok() || text.parse::<ParentImageArn>().is_ok();
    let is_other = text.starts_with("ssm:") || text.starts_with("recipe:");
    assert_eq!((valid::BASE.fits)(text), is_image && !is_other, "{text:?}");
    let parameter = format!("ssm:{text}");
    assert_eq!(
        (valid::BASE.fits)(&parameter),
        text.parse::<ParameterName>().is_ok(),
        "{parameter}"
    );
}

#[test]
fn known_texts_have_the_same_forms_in_both() {
    TEXTS.into_iter().for_each(all_same);
}

proptest! {
    /// A known text in which something changed.
    #[test]
    fn changed_texts_have_the_same_forms_in_both(
        text in prop::sample::select(TEXTS.to_vec()), at in 0_usize..80, with in "[a-z0-9A-Z:/ ._-]{0,3}", cut in 0_usize..4,
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, with.chars());
        all_same(&chars.into_iter().collect::<String>());
    }
}
