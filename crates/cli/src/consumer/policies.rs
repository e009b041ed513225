//! The policies of a consumer's side, as infra/consumer-account.yaml has them: see there why each is so.

use goldsmith_domain::key_policy::GRANT_OPERATIONS;
use serde_json::{Value, json};

use super::served::Served;

/// Who is in the building account.
pub fn building_account(served: &Served) -> Value {
    policy(&[assumed_by_building_account(served)])
}

/// The functions of the building account that publish, by the names that CloudFormation gives their roles.
pub fn publishers(served: &Served) -> Value {
    let role = |resource: &str| {
        let (partition, building) = (served.partition, &served.building);
        format!(
            "arn:{partition}:iam::{building}:role/goldsmith-{}-{resource}-*",
            served.environment
        )
    };
    let mut statement = assumed_by_building_account(served);
    statement["Condition"] =
        json!({"ArnLike": {"aws:PrincipalArn": [role("ReconcileRole"), role("ImageEventsRole")]}});
    policy(&[statement])
}

/// Image Builder, when it retires an image of the building account.
pub fn image_builder(served: &Served) -> Value {
    let images = format!(
        "arn:{}:imagebuilder:*:{}:image/*/*/*",
        served.partition, served.building
    );
    policy(&[json!({
        "Effect": "Allow",
        "Principal": {"Service": "imagebuilder.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": served.building},
            "ArnLike": {"aws:SourceArn": images},
        },
    })])
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
    keys(
        served,
        &uses,
        &json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
    )
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

/// Looking whether the images can be launched.
pub fn verify(served: &Served) -> Value {
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
            "Sid": "LaunchImages",
            "Effect": "Allow",
            "Action": "ec2:RunInstances",
            "Resource": format!("arn:{}:ec2:*::image/*", served.partition),
            "Condition": {"StringEquals": {"ec2:Owner": [served.building, served.account()]}},
        }),
        json!({
            "Sid": "LaunchInto",
            "Effect": "Allow",
            "Action": "ec2:RunInstances",
            "Resource": launch_resources(served),
        }),
        json!({
            "Sid": "TryKeys",
            "Effect": "Allow",
            "Action": [
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:DescribeKey",
            ],
            "Resource": served.every_key(),
        }),
    ])
}

/// What an instance is made of beside its image.
fn launch_resources(served: &Served) -> Vec<String> {
    let account = served.account().as_str();
    let kinds = [
        (account, "instance"),
        (account, "network-interface"),
        (account, "volume"),
        ("*", "security-group"),
        ("*", "subnet"),
    ];
    kinds
        .map(|(owner, kind)| format!("arn:{}:ec2:*:{owner}:{kind}/*", served.partition))
        .to_vec()
}

fn parameters(served: &Served) -> String {
    let (partition, account) = (served.partition, served.account());
    format!(
        "arn:{partition}:ssm:*:{account}:parameter/goldsmith/{}/*",
        served.environment
    )
}

fn assumed_by_building_account(served: &Served) -> Value {
    let root = format!("arn:{}:iam::{}:root", served.partition, served.building);
    json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"})
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
