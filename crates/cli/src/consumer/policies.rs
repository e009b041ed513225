//! The policies of a consumer's side, as infra/consumer-account.yaml has them: see there why each is so.

use goldsmith_domain::key_policy::GRANT_OPERATIONS;
use serde_json::{Value, json};

use super::served::Served;

/// The building side's distribution role, with whose credentials Image Builder copies.
pub fn distributors(served: &Served) -> Value {
    assumed_by(served, &[building_role(served, "DistributionRole")])
}

/// The functions of the building account that publish.
pub fn publishers(served: &Served) -> Value {
    let roles = ["ReconcileRole", "ImageEventsRole"];
    assumed_by(served, &roles.map(|role| building_role(served, role)))
}

/// Those who verify.
pub fn verifiers(served: &Served) -> Value {
    assumed_by(served, &served.verifiers)
}

/// A role of the building side's stack, by the name that CloudFormation gives it.
fn building_role(served: &Served, resource: &str) -> String {
    let (partition, building) = (served.partition, &served.building);
    format!(
        "arn:{partition}:iam::{building}:role/goldsmith-{}-{resource}-*",
        served.environment
    )
}

/// These roles of the building account.
fn assumed_by(served: &Served, roles: &[String]) -> Value {
    let root = format!("arn:{}:iam::{}:root", served.partition, served.building);
    policy(&[json!({
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": roles}},
    })])
}

/// Copying images of the building account.
pub fn copy(served: &Served) -> Value {
    let [images, snapshots] =
        ["image", "snapshot"].map(|kind| format!("arn:{}:ec2:*::{kind}/*", served.partition));
    policy(&[
        json!({"Sid": "Look", "Effect": "Allow", "Action": "ec2:DescribeImages", "Resource": "*"}),
        json!({
            "Sid": "Copy",
            "Effect": "Allow",
            "Action": ["ec2:CopyImage", "ec2:CreateTags"],
            "Resource": [images, snapshots],
        }),
        json!({
            "Sid": "OnlyOfTheBuildingAccount",
            "Effect": "Deny",
            "Action": "ec2:CopyImage",
            "Resource": images,
            "Condition": {
                "StringNotEquals": {"ec2:Owner": [served.building, served.account().as_str()]},
                "Null": {"ec2:Owner": "false"},
            },
        }),
        json!({
            "Sid": "Share",
            "Effect": "Allow",
            "Action": "ec2:ModifyImageAttribute",
            "Resource": images,
            "Condition": {"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}},
        }),
    ])
}

/// What copying an encrypted AMI takes (Image Builder user guide, cross-account-dist).
pub fn distribution(served: &Served) -> Value {
    let uses = [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
    ];
    let grants = json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]);
    let mut policy = keys(served, &uses, &grants);
    for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
        statement["Condition"]["StringLike"] =
            json!({"kms:ViaService": ["ec2.*.amazonaws.com", "ec2.*.amazonaws.com.cn"]});
    }
    policy
}

/// What launching from an encrypted AMI takes (EBS user guide, share-kms-key).
pub fn launch(served: &Served) -> Value {
    let uses = [
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
    ];
    keys(served, &uses, &json!("kms:CreateGrant"))
}

/// Writing the parameters that name images.
pub fn publish(served: &Served) -> Value {
    policy(&[json!({
        "Effect": "Allow",
        "Action": ["ssm:GetParameter", "ssm:PutParameter"],
        "Resource": parameters(served),
    })])
}

/// Making grants for `grantees`, and no others.
pub fn grant(served: &Served, grantees: &[String]) -> Value {
    let grantee = if let [one] = grantees {
        json!(one)
    } else {
        json!(grantees)
    };
    policy(&[json!({
        "Effect": "Allow",
        "Action": "kms:CreateGrant",
        "Resource": served.every_key(),
        "Condition": {
            "StringEquals": {"kms:GranteePrincipal": grantee},
            "ForAllValues:StringEquals": {"kms:GrantOperations": GRANT_OPERATIONS},
            "Null": {"kms:GrantOperations": "false"},
        },
    })])
}

/// Looking at the images and their parameters.
pub fn look(served: &Served) -> Value {
    policy(&[
        json!({
            "Sid": "Look",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeImages",
                "ec2:DescribeRegions",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSnapshots",
                "ec2:DescribeSubnets",
                "ssm:DescribeParameters",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "ReadParameters",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter", "ssm:GetParameters"],
            "Resource": parameters(served),
        }),
        json!({
            "Sid": "AskWhatRolesMay",
            "Effect": "Allow",
            "Action": "iam:SimulatePrincipalPolicy",
            "Resource": format!("arn:{}:iam::{}:role/*", served.partition, served.account()),
        }),
    ])
}

/// Trying launches of the images, where those who verify may; none if they only look.
pub fn try_launches(served: &Served) -> Option<Value> {
    if served.subnets.is_empty() {
        return None;
    }
    let (partition, account) = (served.partition, served.account().as_str());
    let of = |owner: &str, kind: &str| format!("arn:{partition}:ec2:*:{owner}:{kind}/*");
    let images = of("", "image");
    let owners = json!([served.building, account]);
    let types = json!([served.instance_type]);
    let parts = [
        of(account, "network-interface"),
        of(account, "volume"),
        of("*", "security-group"),
    ];
    Some(policy(&[
        run("LaunchImages", &images, "ec2:Owner", &owners),
        run(
            "OfTheseTypes",
            &of(account, "instance"),
            "ec2:InstanceType",
            &types,
        ),
        run(
            "IntoTheseSubnets",
            &of("*", "subnet"),
            "ec2:SubnetID",
            &json!(served.subnets),
        ),
        json!({"Sid": "WithTheirParts", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": parts}),
    ]))
}

/// Launches whose `resource` has one of these values of a key.
fn run(sid: &str, resource: &str, key: &str, values: &Value) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Action": "ec2:RunInstances",
        "Resource": resource,
        "Condition": {"StringEquals": {key: values}},
    })
}

fn parameters(served: &Served) -> String {
    let (partition, account) = (served.partition, served.account());
    format!(
        "arn:{partition}:ssm:*:{account}:parameter/goldsmith/{}/*",
        served.environment
    )
}

/// Using the keys, and letting AWS services use them on one's behalf.
fn keys(served: &Served, uses: &[&str], grants: &Value) -> Value {
    policy(&[
        json!({"Sid": "UseKeys", "Effect": "Allow", "Action": uses, "Resource": served.every_key()}),
        json!({
            "Sid": "GrantToServices",
            "Effect": "Allow",
            "Action": grants,
            "Resource": served.every_key(),
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        }),
    ])
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}
