//! Names as the schemas have them: a pattern each, which is as strict as a pattern can be.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::names::{
    AccountId, AmiName, BucketName, Environment, Family, InstanceProfileName, InstanceType, KeyArn,
    KeyPairName, LaunchTemplateId, OrganizationArn, OrganizationPath, ParameterPattern,
    ProductVersion, RecipeName, Region, RoleArn, RolePattern, ScheduleExpression, SecurityGroupId,
    SubnetId, VpcId,
};

macro_rules! patterns {
    ($($name:ident $pattern:expr;)*) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $name::EXPECTED })
            }
        })*

        /// The name that has this pattern, such as `RecipeName`.
        pub(super) fn with_pattern(pattern: &str) -> Option<&'static str> {
            let known = [$(($pattern, stringify!($name))),*];
            known.into_iter().find_map(|(known, name)| (known == pattern).then_some(name))
        }
    };
}

patterns! {
    AccountId "^[0-9]{12}$";
    AmiName r"^([A-Za-z0-9_-][A-Za-z0-9 ._-]*)?\{recipename\}([A-Za-z0-9 ._-]*[A-Za-z0-9_-])?$";
    BucketName "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
    Environment "^[A-Za-z0-9]([A-Za-z0-9_-]{0,10}[A-Za-z0-9])?$";
    Family "^[A-Za-z0-9]([A-Za-z0-9_-]{0,22}[A-Za-z0-9])?$";
    InstanceProfileName "^[A-Za-z0-9_+=,.@-]{1,128}$";
    InstanceType r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
    KeyArn "^arn:aws[A-Za-z0-9-]*:kms:[A-Za-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$";
    KeyPairName "^[!-~]([ -~]{0,253}[!-~])?$";
    LaunchTemplateId "^lt-[0-9a-f]{17}$";
    OrganizationArn "^arn:aws(-[a-z]+)*:organizations::[0-9]{12}:(organization/o-[a-z0-9]{10,32}|ou/o-[a-z0-9]{10,32}/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$";
    OrganizationPath r"^o-[a-z0-9]{10,32}(/r-[a-z0-9]{4,32}(/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}){0,5})?/\*$";
    ParameterPattern r"^/imagebuilder(/[A-Za-z0-9_.-]+){0,13}/[A-Za-z0-9_.-]*\{recipename\}[A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*$";
    ProductVersion "^[A-Za-z0-9]([A-Za-z0-9._+-]{0,58}[A-Za-z0-9])?$";
    RecipeName "^[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?$";
    Region "^[a-z]{2,}(-[a-z]{2,})+-[0-9]{1,2}$";
    RoleArn "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}$";
    RolePattern r"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/(([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}|aws-reserved/sso\.amazonaws\.com/([A-Za-z0-9+=,.@_-]+/)*AWSReservedSSO_[A-Za-z0-9+=,.@_-]+_\*)$";
    ScheduleExpression r"^(cron\([0-9*/,-]+ +[0-9*/,-]+ +(\? +[0-9A-Z*/,-]+ +[0-9A-Z*,#-]+|[0-9*/,LW-]+ +[0-9A-Z*/,-]+ +\?) +[0-9*/,-]+\)|rate\((1 +(minute|hour|day)|([2-9]|[1-9][0-9]+) +(minutes|hours|days))\))$";
    SecurityGroupId "^sg-([0-9a-f]{8}|[0-9a-f]{17})$";
    SubnetId "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$";
    VpcId "^vpc-([0-9a-f]{8}|[0-9a-f]{17})$";
}

/// The ARN of a kind that has versions, of an account, of AWS or of `owner`.
fn versioned_arn(kind: &str, owner: &str) -> String {
    let owner = format!("([0-9]{{12}}|aws(-[a-z]+)*|{owner})");
    let version = r"([0-9]+\.[0-9]+\.([0-9]+(/[0-9]+)?|x)|([0-9]+|x)\.x\.x)";
    let region = "[a-z]{2,}(-[a-z]{2,})+-[0-9]{1,2}";
    format!("arn:aws(-[a-z]+)*:imagebuilder:{region}:{owner}:{kind}/[a-z0-9_-]{{1,128}}/{version}")
}

/// A component: somebody else's by ARN, or a document beside this one.
pub(super) struct ComponentName;

impl JsonSchema for ComponentName {
    fn schema_name() -> Cow<'static, str> {
        "ComponentName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let arn = versioned_arn("component", "third-party");
        let document = "components/[A-Za-z0-9_-]{1,64}\\.ya?ml";
        json_schema!({
            "type": "string",
            "pattern": format!("^({arn}|{document})$"),
            "description": "The ARN of a component, or a document such as `components/harden.yml`.",
        })
    }
}

/// What an image is built on.
pub(super) struct BaseName;

impl JsonSchema for BaseName {
    fn schema_name() -> Cow<'static, str> {
        "BaseName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ami = "ami-([0-9a-f]{8}|[0-9a-f]{17})";
        let level = "[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*";
        let reference = "/[Aa][Ww][Ss]/[Rr][Ee][Ff][Ee][Rr][Ee][Nn][Cc][Ee](/|$)";
        let parameter = format!("ssm:(?!{reference})({level}|(/{level}){{1,15}})");
        let recipe = "recipe:[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?";
        let image = versioned_arn("image", "aws");
        json_schema!({
            "type": "string",
            "pattern": format!("^({ami}|{parameter}|{recipe}|{image})$"),
            "description": "An AMI id, `ssm:<parameter>`, the ARN of an Image Builder image, or \
                `recipe:<recipename>`.",
        })
    }
}

/// An owner of AMIs.
pub(super) struct BaseOwner;

impl JsonSchema for BaseOwner {
    fn schema_name() -> Cow<'static, str> {
        "BaseOwner".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(self|amazon|aws-marketplace|[0-9]{12})$",
            "description": "`self`, `amazon`, `aws-marketplace` or an account id.",
        })
    }
}

/// An owner of components.
pub(super) struct ComponentOwner;

impl JsonSchema for ComponentOwner {
    fn schema_name() -> Cow<'static, str> {
        "ComponentOwner".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(self|amazon|aws-marketplace|third-party|[0-9]{12})$",
            "description": "`self`, `amazon`, `aws-marketplace`, `third-party` or an account id.",
        })
    }
}

/// Recipe names with `;` between them.
pub(super) struct JoinedNames;

impl JsonSchema for JoinedNames {
    fn schema_name() -> Cow<'static, str> {
        "JoinedNames".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let name = "[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?";
        json_schema!({
            "type": "string",
            "pattern": format!("^[\\s;]*({name}\\s*(;[\\s;]*|$))*$"),
            "description": "Recipe names with `;` between them.",
        })
    }
}

/// Text without control characters.
pub(super) const ONE_LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";

/// Tags: what AWS allows, less what is somebody else's.
pub(super) struct Tags<const MOST: usize>;

impl<const MOST: usize> JsonSchema for Tags<MOST> {
    fn schema_name() -> Cow<'static, str> {
        "Tags".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "maxProperties": MOST,
            "propertyNames": {
                "pattern": "^[A-Za-z0-9 _.:/=+@-]{1,128}$",
                "not": {
                    "pattern": "^([Aa][Ww][Ss]:|[Gg][Oo][Ll][Dd][Ss][Mm][Ii][Tt][Hh]:|(CreatedBy|Ec2ImageBuilderArn|Name|Tags)$)",
                },
            },
            "additionalProperties": { "type": "string", "maxLength": 256, "pattern": ONE_LINE },
        })
    }
}
