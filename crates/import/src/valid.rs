//! The forms of values that documents take, so that nothing is written which `goldsmith check` refuses.
//!
//! These are the forms of `names` in the core, which this crate does without: the tests of the command line
//! compare both.

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
    fits: |text| is_id(text, "ami-"),
};

/// An account id.
pub const ACCOUNT: Form = Form {
    expected: "an account id of 12 digits",
    fits: is_account,
};

/// A Region.
pub const REGION: Form = Form {
    expected: "a Region, such as `us-east-1`",
    fits: is_region,
};

/// A subnet id.
pub const SUBNET: Form = Form {
    expected: "a subnet id: `subnet-` and 8 or 17 lower-case hexadecimal digits",
    fits: |text| is_id(text, "subnet-"),
};

/// A security group id.
pub const SECURITY_GROUP: Form = Form {
    expected: "a security group id: `sg-` and 8 or 17 lower-case hexadecimal digits",
    fits: |text| is_id(text, "sg-"),
};

/// An instance type.
pub const INSTANCE_TYPE: Form = Form {
    expected: "an instance type, such as `m6i.large`",
    fits: is_instance_type,
};

/// The name of an instance profile.
pub const INSTANCE_PROFILE: Form = Form {
    expected: "the name of an instance profile: 1 to 128 letters, digits or `_+=,.@-`",
    fits: |text| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
        (1..=128).contains(&text.len()) && text.bytes().all(allowed)
    },
};

/// The name of a key pair.
pub const KEY_PAIR: Form = Form {
    expected: "the name of a key pair: 1 to 255 ASCII characters",
    fits: |text| {
        let allowed = |b: u8| b == b' ' || b.is_ascii_graphic();
        (1..=255).contains(&text.len()) && text.bytes().all(allowed) && text.trim() == text
    },
};

/// The name of a bucket. The names that S3 reserves are left to `goldsmith check`.
pub const BUCKET: Form = Form {
    expected: "the name of a bucket",
    fits: |text| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let edges = [text.bytes().next(), text.bytes().last()];
        (3..=63).contains(&text.len())
            && edges.into_iter().all(|edge| edge.is_some_and(plain))
            && text.bytes().all(|b| plain(b) || b == b'.' || b == b'-')
            && !text.contains("..")
    },
};

/// The ARN of a KMS key.
pub const KEY: Form = Form {
    expected: "the ARN of a KMS key, which names its id and no alias",
    fits: is_key,
};

/// A launch template id.
pub const LAUNCH_TEMPLATE: Form = Form {
    expected: "a launch template id: `lt-` and 17 lower-case hexadecimal digits",
    fits: |text| {
        text.strip_prefix("lt-")
            .is_some_and(|id| id.len() == 17 && is_hex(id))
    },
};

/// The name of an AMI, in the form of `ami-name`.
pub const AMI_NAME: Form = Form {
    expected: "an AMI name with `{recipename}` in it once and at most 38 other characters",
    fits: is_ami_name,
};

/// What an image is built on.
pub const BASE: Form = Form {
    expected: "an AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or `recipe:<recipename>`",
    fits: is_base,
};

/// A component of Amazon or of another account.
pub const COMPONENT: Form = Form {
    expected: "the ARN of a component with its version",
    fits: |text| versioned(text, "component").is_some(),
};

/// An organization.
pub const ORGANIZATION: Form = Form {
    expected: "the ARN of an organization",
    fits: |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "organizations", "", account, resource] = parts.as_slice() else {
            return false;
        };
        let id = resource.strip_prefix("organization/o-").unwrap_or_default();
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        is_partition(partition)
            && is_account(account)
            && (10..=32).contains(&id.len())
            && id.bytes().all(fits)
    },
};

/// A tag's key.
pub const TAG: Form = Form {
    expected: "a tag key: 1 to 128 letters, digits, spaces or `_.:/=+-@`, not of AWS, Image Builder or goldsmith",
    fits: is_tag,
};

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| [8, 17].contains(&id.len()) && is_hex(id))
}

/// `aws`, or `aws-` and words.
fn is_partition(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    text.split('-').next() == Some("aws") && text.split('-').all(is_word)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_word = |part: &&str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_lowercase());
    text.len() <= 50
        && parts.len() >= 3
        && parts.last().is_some_and(is_number)
        && parts[..parts.len() - 1].iter().all(is_word)
}

fn is_instance_type(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |part: &str| {
        let edges = [part.bytes().next(), part.bytes().last()];
        edges.into_iter().all(|edge| edge.is_some_and(plain))
            && part.bytes().all(|b| plain(b) || b == b'-')
    };
    text.len() <= 30
        && text
            .split_once('.')
            .is_some_and(|(family, size)| label(family) && label(size))
}

fn is_key(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "kms", region, account, resource] = parts.as_slice() else {
        return false;
    };
    let Some(id) = resource.strip_prefix("key/") else {
        return false;
    };
    let is_uuid = id.len() == 36
        && id.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && id.split('-').all(is_hex);
    let is_multi = id
        .strip_prefix("mrk-")
        .is_some_and(|id| id.len() == 32 && is_hex(id));
    is_partition(partition) && is_region(region) && is_account(account) && (is_uuid || is_multi)
}

fn is_ami_name(text: &str) -> bool {
    let Some((before, after)) = text.split_once("{recipename}") else {
        return false;
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b" ._-".contains(&b);
    before.len() + after.len() <= 38
        && before.bytes().chain(after.bytes()).all(allowed)
        && !before.starts_with([' ', '.'])
        && !after.ends_with([' ', '.'])
}

fn is_base(text: &str) -> bool {
    if let Some(name) = text.strip_prefix("ssm:") {
        return is_parameter(name) && !name.to_ascii_lowercase().starts_with("/aws/reference");
    }
    if let Some(name) = text.strip_prefix("recipe:") {
        return is_label(name, 60);
    }
    is_id(text, "ami-") || is_image_arn(text)
}

/// The name of a parameter, without a version (SSM API reference, `PutParameter`).
fn is_parameter(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
    let levels: Vec<&str> = text.strip_prefix('/').unwrap_or(text).split('/').collect();
    (1..=1011).contains(&text.len())
        && text.bytes().all(allowed)
        && (levels.len() == 1 || text.starts_with('/'))
        && levels.len() <= 15
        && levels.iter().all(|level| level.bytes().any(|b| b != b'.'))
}

fn is_image_arn(text: &str) -> bool {
    versioned(text, "image").is_some_and(|owner| owner != "third-party")
}

/// The owner in the ARN of a thing of Image Builder that has versions; none if the text is no such ARN.
pub(crate) fn versioned<'a>(text: &'a str, kind: &str) -> Option<&'a str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "imagebuilder", region, owner, resource] = parts.as_slice() else {
        return None;
    };
    let is_owner = is_account(owner) || is_partition(owner) || *owner == "third-party";
    let folded = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
    let parts: Vec<&str> = resource.split('/').collect();
    let (name, version, wildcard) = match parts.as_slice() {
        [of, name, version] if of == &kind => (name, version, "x"),
        [of, name, version, build] if of == &kind && is_node(build) => (name, version, ""),
        _ => return None,
    };
    let is_whole = is_partition(partition)
        && is_region(region)
        && is_owner
        && (1..=128).contains(&name.len())
        && name.bytes().all(folded)
        && is_version(version, wildcard);
    is_whole.then_some(owner)
}

/// Three numbers; behind a wildcard are only wildcards.
fn is_version(text: &str, wildcard: &str) -> bool {
    let nodes: Vec<&str> = text.split('.').collect();
    let numbers = nodes.iter().take_while(|node| is_node(node)).count();
    nodes.len() == 3 && nodes[numbers..].iter().all(|node| *node == wildcard)
}

fn is_node(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse().is_ok_and(|node: u32| node < 1 << 30)
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

/// Whether a text is a label, such as a recipe name, of at most `longest` characters.
pub(crate) fn is_label(text: &str, longest: usize) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=longest).contains(&text.len())
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(allowed)
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

/// The partition of a Region, as ARNs name it.
pub(crate) fn partition(region: &str) -> &'static str {
    let partitions = [
        ("us-gov-", "aws-us-gov"),
        ("cn-", "aws-cn"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    partitions
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}
