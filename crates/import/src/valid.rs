//! The forms of values that documents take, so that nothing is written which `goldsmith check` refuses: the core's own
//! types decide.

use std::str::FromStr;

use goldsmith_domain::names::{
    AccountId, AmiId, AmiName, BucketName, ComponentArn, InstanceProfileName, InstanceType, KeyArn,
    KeyPairName, LaunchTemplateId, OrganizationArn, ParameterName, ParentImageArn, RecipeName,
    Region, SecurityGroupId, SubnetId,
};

/// A form, with its description.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// What a value of this form is, as a noun phrase.
    pub expected: &'static str,
    /// Whether a text has the form.
    pub fits: fn(&str) -> bool,
}

/// An AMI id.
pub const AMI: Form = Form {
    expected: "an AMI id: `ami-` and 8 or 17 lower-case hexadecimal digits",
    fits: is::<AmiId>,
};

/// An account id.
pub const ACCOUNT: Form = Form {
    expected: "an account id of 12 digits",
    fits: is::<AccountId>,
};

/// A Region.
pub const REGION: Form = Form {
    expected: "a Region, such as `us-east-1`",
    fits: is::<Region>,
};

/// A subnet id.
pub const SUBNET: Form = Form {
    expected: "a subnet id: `subnet-` and 8 or 17 lower-case hexadecimal digits",
    fits: is::<SubnetId>,
};

/// A security group id.
pub const SECURITY_GROUP: Form = Form {
    expected: "a security group id: `sg-` and 8 or 17 lower-case hexadecimal digits",
    fits: is::<SecurityGroupId>,
};

/// An instance type.
pub const INSTANCE_TYPE: Form = Form {
    expected: "an instance type, such as `m6i.large`",
    fits: is::<InstanceType>,
};

/// The name of an instance profile.
pub const INSTANCE_PROFILE: Form = Form {
    expected: "the name of an instance profile: 1 to 128 letters, digits or `_+=,.@-`",
    fits: is::<InstanceProfileName>,
};

/// The name of a key pair.
pub const KEY_PAIR: Form = Form {
    expected: "the name of a key pair: 1 to 255 ASCII characters",
    fits: is::<KeyPairName>,
};

/// The name of a bucket.
pub const BUCKET: Form = Form {
    expected: "the name of a bucket",
    fits: is::<BucketName>,
};

/// The ARN of a KMS key.
pub const KEY: Form = Form {
    expected: "the ARN of a KMS key, which names its id and no alias",
    fits: is::<KeyArn>,
};

/// A launch template id.
pub const LAUNCH_TEMPLATE: Form = Form {
    expected: "a launch template id: `lt-` and 17 lower-case hexadecimal digits",
    fits: is::<LaunchTemplateId>,
};

/// The name of an AMI, in the form of `ami-name`.
pub const AMI_NAME: Form = Form {
    expected: "an AMI name with `{recipename}` in it once and at most 38 other characters",
    fits: is::<AmiName>,
};

/// What an image is built on.
pub const BASE: Form = Form {
    expected: "an AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or `recipe:<recipename>`",
    fits: is_base,
};

/// A component of Amazon or of another account.
pub const COMPONENT: Form = Form {
    expected: "the ARN of a component with its version",
    fits: is::<ComponentArn>,
};

/// An organization.
pub const ORGANIZATION: Form = Form {
    expected: "the ARN of an organization",
    // Units of an organization are no consumers that an import makes.
    fits: |text| is::<OrganizationArn>(text) && !text.contains(":ou/"),
};

/// A tag's key.
pub const TAG: Form = Form {
    expected: "a tag key: 1 to 128 letters, digits, spaces or `_.:/=+-@`, not of AWS, Image Builder or goldsmith",
    fits: is_tag,
};

fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn is_base(text: &str) -> bool {
    if let Some(name) = text.strip_prefix("ssm:") {
        return is::<ParameterName>(name);
    }
    if let Some(name) = text.strip_prefix("recipe:") {
        return is::<RecipeName>(name);
    }
    is::<AmiId>(text) || is::<ParentImageArn>(text)
}

/// The partition of a Region, as ARNs name it; `aws` for a text that is none.
pub(crate) fn partition(region: &str) -> &'static str {
    let region: Option<Region> = region.parse().ok();
    region.map_or("aws", |region| region.partition())
}

fn is_tag(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let reserved = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];
    let allowed = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    !lower.starts_with("aws:")
        && !lower.starts_with("goldsmith:")
        && !reserved.contains(&text)
        && (1..=128).contains(&text.len())
        && text.chars().all(allowed)
}

/// A label of at most `longest` characters that is as near to the text as possible; `fallback` if nothing of the
/// text is left.
pub(crate) fn label(text: &str, longest: usize, fallback: &str) -> String {
    let mut label = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            label.push(c);
        } else if !label.ends_with('-') {
            label.push('-');
        }
    }
    let is_edge = |c: char| c == '-' || c == '_';
    let trimmed = label.trim_matches(is_edge);
    let cut: String = trimmed.chars().take(longest).collect();
    match cut.trim_end_matches(is_edge) {
        "" => fallback.to_owned(),
        label => label.to_owned(),
    }
}
