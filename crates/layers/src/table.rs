//! What each variable becomes in goldsmith's documents: the one list, of which docs/variables.md is made.

use crate::tree;
use goldsmith_domain::document::Json;

/// A variable, or several names for the same, with what it becomes.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The names in files of variables. If several have a value, the nearest layer counts, and in one layer the
    /// first name.
    pub names: &'static [&'static str],
    /// What it becomes.
    pub target: Target,
    /// The same in words.
    pub becomes: &'static str,
    /// A value, as JSON.
    pub example: &'static str,
}

/// What a variable becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Which image is meant.
    Name,
    /// What the image is built on.
    Base,
    /// The version of the project, at the image's entry.
    Version,
    /// A member of `environment.json`.
    Environment(&'static [&'static str], Kind),
    /// The Region that builds.
    Region,
    /// Accounts that may launch.
    Consumers,
    /// What is stored with each upload.
    Upload,
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// How a value is written into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A list of texts; a text has `,` between them.
    Texts,
    /// `true` or `false`, also as a text.
    Boolean,
}

impl Kind {
    /// The value as it is written into a document; none if it is of another kind.
    pub fn of(self, value: &Json) -> Option<Json> {
        match self {
            Self::Text => tree::text_of(value).map(Json::Text),
            Self::Texts => {
                let texts = tree::texts_of(value)?.into_iter();
                Some(Json::List(texts.map(Json::Text).collect()))
            }
            Self::Boolean => match value {
                Json::Bool(value) => Some(Json::Bool(*value)),
                Json::Text(text) => text.parse().ok().map(Json::Bool),
                Json::Null | Json::Number(_) | Json::List(_) | Json::Object(_) => None,
            },
        }
    }

    /// What is expected of a value.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a list of texts, or one text with `,` between them",
            Self::Boolean => "`true` or `false`",
        }
    }
}

/// The variables that have a meaning of their own. Any other one is for the parameters of components.
pub const TABLE: &[Row] = &[
    Row {
        names: &["name"],
        target: Target::Name,
        becomes: "Which entry of `ami-versions.json` is meant, by its `recipename`, and where the layers are \
                  looked up. Where the folder has no `ami-versions.json`, it is the `recipename` of the only entry.",
        example: "\"baseos-rhel7\"",
    },
    Row {
        names: &["source_ami"],
        target: Target::Base,
        becomes: "`aminame` of the entry",
        example: "\"ami-08bd941ae380bd3cd\"",
    },
    Row {
        names: &["version"],
        target: Target::Version,
        becomes: "`version` of the entry, which becomes a tag of AMIs and snapshots and builds nothing",
        example: "\"1.4.0\"",
    },
    Row {
        names: &["environment"],
        target: Target::Environment(&["environment"], Kind::Text),
        becomes: "`environment`. The default is `dev`.",
        example: "\"dev\"",
    },
    Row {
        names: &["aws_region"],
        target: Target::Region,
        becomes: "The only member of `regions`, if `environment.json` has none. Otherwise it must be one of them. \
                  It also chooses the files `aws.<region>.vars.json`.",
        example: "\"us-east-1\"",
    },
    Row {
        names: &["ami_users"],
        target: Target::Consumers,
        becomes: "`consumers` with `\"roles\": \"any\"`, for each account that is neither a consumer nor a workload \
                  account already",
        example: "\"222222222222,333333333333\"",
    },
    Row {
        names: &["instance_type", "instance_size"],
        target: Target::Environment(&["instance-types"], Kind::Texts),
        becomes: "`instance-types`",
        example: "\"m6i.large\"",
    },
    Row {
        names: &["subnet_id"],
        target: Target::Environment(&["instances", "subnet"], Kind::Text),
        becomes: "`instances.subnet`",
        example: "\"subnet-29cb4f75\"",
    },
    Row {
        names: &["sg_ids", "sg_id", "security_group_ids", "security_group_id"],
        target: Target::Environment(&["instances", "security-groups"], Kind::Texts),
        becomes: "`instances.security-groups`",
        example: "\"sg-6f18e222\"",
    },
    Row {
        names: &["vpc_id"],
        target: Target::Environment(&["instances", "vpc-id"], Kind::Text),
        becomes: "`instances.vpc-id`, which Image Builder has no use for",
        example: "\"vpc-0181557b\"",
    },
    Row {
        names: &["instance_profile", "iam_instance_profile"],
        target: Target::Environment(&["instances", "instance-profile"], Kind::Text),
        becomes: "`instances.instance-profile`",
        example: "\"goldsmith-nonprod\"",
    },
    Row {
        names: &["ssh_keypair_name"],
        target: Target::Environment(&["instances", "key-pair"], Kind::Text),
        becomes: "`instances.key-pair`",
        example: "\"inspectors\"",
    },
    Row {
        names: &["ssh_username"],
        target: Target::Environment(&["instances", "ssh-user"], Kind::Text),
        becomes: "`instances.ssh-user`, which Image Builder has no use for",
        example: "\"ec2-user\"",
    },
    Row {
        names: &["public_ip", "associate_public_ip_address"],
        target: Target::Environment(&["instances", "public-ip"], Kind::Boolean),
        becomes: "`instances.public-ip`, which is compared with the subnet",
        example: "true",
    },
    Row {
        names: &["owner", "Owner"],
        target: Target::Environment(&["tags", "Owner"], Kind::Text),
        becomes: "The tag `Owner` of the environment",
        example: "\"platform\"",
    },
    Row {
        names: &["product", "Product"],
        target: Target::Environment(&["tags", "Product"], Kind::Text),
        becomes: "The tag `Product` of the environment",
        example: "\"MSTR\"",
    },
    Row {
        names: &["project", "Project"],
        target: Target::Environment(&["tags", "Project"], Kind::Text),
        becomes: "The tag `Project` of the environment",
        example: "\"golden images\"",
    },
    Row {
        names: &["build_url"],
        target: Target::Upload,
        becomes: "`build-url` in the metadata of each upload",
        example: "\"https://ci.example.com/job/1\"",
    },
    Row {
        names: &["expiry_date"],
        target: Target::Nothing("a date of expiry for each image is not supported"),
        becomes: "Nothing. A date of expiry for each image is not supported.",
        example: "\"2026-12-01\"",
    },
];

/// The row of a variable; none if the variable has no meaning of its own.
pub fn row(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.names.contains(&name))
}

/// Whether the name of a variable says that its value is a secret. Documents are read by many, so such a value
/// is neither shown nor put into one.
pub fn is_secret(name: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "private_key",
        "access_key",
        "api_key",
    ];
    let name = name.to_lowercase().replace('-', "_");
    SIGNS.iter().any(|sign| name.contains(sign))
}
