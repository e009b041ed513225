//! The consumer of the sample, as it prepares itself: without its role, `goldsmith verify` has nothing to ask about.

use local_stack::Stack;
use local_stack::aws::CallError;
use serde_json::json;

/// The account and the role that `ami-versions/nonprod/environment.json` names.
const ACCOUNT: &str = "222222222222";
const ROLE: &str = "mstr-launch";

/// Makes the role that launches, with the policy that `goldsmith consumer` prints for the key, and the launch. The
/// condition on grants is left out: the embedded IAM simulates policies without the context that `verify` gives, and
/// would deny every grant.
pub async fn make(stack: &Stack) -> Result<(), CallError> {
    let iam = stack.aws.in_account(ACCOUNT);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
            "Action": "sts:AssumeRole",
        }],
    });
    let trust = trust.to_string();
    let role = [
        ("RoleName", ROLE),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    iam.iam("CreateRole", &role).await?;
    let policy = policy(&stack.outputs.key_arn);
    let inline = [
        ("RoleName", ROLE),
        ("PolicyName", "launch"),
        ("PolicyDocument", policy.as_str()),
    ];
    iam.iam("PutRolePolicy", &inline).await
}

fn policy(key: &str) -> String {
    let uses = [
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
    ];
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "UseKeys", "Effect": "Allow", "Action": uses, "Resource": [key] },
            {
                "Sid": "GrantToServices",
                "Effect": "Allow",
                "Action": "kms:CreateGrant",
                "Resource": [key],
            },
            { "Sid": "Launch", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*" },
        ],
    });
    policy.to_string()
}
