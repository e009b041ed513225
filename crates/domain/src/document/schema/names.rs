//! Names as the schemas have them: a pattern each, which is as strict as a pattern can be.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::names::{
    AccountId, AmiName, BucketName, Environment, Family, InstanceProfileName, InstanceType, KeyArn,
    KeyPairName, LaunchTemplateId, OrganizationArn, OrganizationPath, ParameterPattern, RecipeName,
    Region, RoleArn, RolePattern, ScheduleExpression, SecurityGroupId, SubnetId, VpcId,
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
    InstanceType r"^[a-z0-9-]+\.[a-z0-9-]+$";
    KeyArn "^arn:aws[^:]*:kms:[^:]*:[^:]*:key/.+$";
    KeyPairName "^[ -~]{1,255}$";
    LaunchTemplateId "^lt-[0-9a-f]{17}$";
    OrganizationArn "^arn:aws[^:]*:organizations::[0-9]{12}:(organization/o-[a-z0-9]{10,32}|ou/o-[a-z0-9]{10,32}/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$";
    OrganizationPath r"^o-[a-z0-9]{10,32}(/r-[a-z0-9]{4,32}(/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})*)?/\*$";
    ParameterPattern r"^/imagebuilder(/[A-Za-z0-9_.-]+){0,13}/[A-Za-z0-9_.-]*\{recipename\}[A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*$";
    RecipeName "^[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?$";
    Region "^[a-z]{2,}(-[a-z]{2,})+-[0-9]+$";
    RoleArn "^arn:aws[^:]*:iam:[^:]*:[0-9]{12}:role/([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+$";
    RolePattern r"^arn:aws[^:]*:iam:[^:]*:[0-9]{12}:role/(([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+|aws-reserved/sso\.amazonaws\.com/([A-Za-z0-9+=,.@_-]+/)*AWSReservedSSO_[A-Za-z0-9+=,.@_-]+_\*)$";
    ScheduleExpression r"^(cron\((\s*\S+){6}\s*\)|rate\((1 (minute|hour|day)|[0-9]+ (minutes|hours|days))\))$";
    SecurityGroupId "^sg-([0-9a-f]{8}|[0-9a-f]{17})$";
    SubnetId "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$";
    VpcId "^vpc-([0-9a-f]{8}|[0-9a-f]{17})$";
}

/// A component: somebody else's by ARN, or a document beside this one.
pub(super) struct ComponentName;

impl JsonSchema for ComponentName {
    fn schema_name() -> Cow<'static, str> {
        "ComponentName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let arn = "arn:aws[^:]*:imagebuilder:[^:]*:[^:]*:component/[^/]+/(x|[0-9]+)(\\.(x|[0-9]+)){2}(/[^/]*)?";
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
        let parameter = "ssm:[A-Za-z0-9_./-]{1,1011}";
        let recipe = "recipe:[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?";
        let image = "arn:aws[^:]*:imagebuilder:[^:]*:[^:]*:image/[^/]+/(x|[0-9]+)(\\.(x|[0-9]+)){2}(/[^/]*)?";
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
            "additionalProperties": { "type": "string", "maxLength": 256 },
        })
    }
}
