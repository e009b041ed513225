//! Whom the policies of keys and of the output bucket let in, and what a consumer's role can do.

use local_stack::aws::CallError;
use serde_json::{Value, json};

use crate::Factory;

/// The statements of accounts that reconcile keeps in a key's policy.
const OF_ACCOUNTS: [&str; 2] = ["GoldsmithConsumersUse", "GoldsmithConsumersGrant"];

/// The statements of organizations that reconcile keeps in a key's policy.
const OF_ORGANIZATIONS: [&str; 2] = ["GoldsmithOrganizationsUse", "GoldsmithOrganizationsGrant"];

/// A key's policy, as KMS shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAccess {
    statements: Vec<Value>,
}

impl KeyAccess {
    fn read(policy: &str) -> Self {
        let policy: Value = serde_json::from_str(policy).expect("a policy");
        Self {
            statements: policy["Statement"].as_array().expect("statements").clone(),
        }
    }

    /// The statements that are not reconcile's.
    pub fn others(&self) -> Vec<&Value> {
        let all = self.statements.iter();
        all.filter(|statement| !has_sid(statement, &[OF_ACCOUNTS, OF_ORGANIZATIONS].concat()))
            .collect()
    }

    /// The principals of `account` that both statements of accounts let in.
    pub fn admitted(&self, account: &str) -> Vec<String> {
        let patterns = self.agreed(&OF_ACCOUNTS, |statement| patterns(statement, account));
        let root = format!("arn:aws:iam::{account}:root");
        let has_root = self.agreed(&OF_ACCOUNTS, |statement| {
            strings(&statement["Principal"]["AWS"])
                .into_iter()
                .filter(|one| *one == root)
                .collect()
        });
        assert_eq!(has_root.is_empty(), patterns.is_empty(), "{self:#?}");
        patterns
    }

    /// The paths of organizations that both statements of organizations let in, whose principal is
    /// everybody.
    pub fn paths(&self) -> Vec<String> {
        self.agreed(&OF_ORGANIZATIONS, |statement| {
            assert_eq!(
                strings(&statement["Principal"]["AWS"]),
                ["*"],
                "{statement:#}"
            );
            strings(&statement["Condition"]["ForAnyValue:StringLike"]["aws:PrincipalOrgPaths"])
        })
    }

    /// What both statements say; nothing if there is neither.
    fn agreed(&self, sids: &[&str; 2], read: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
        let ours: Vec<_> = self
            .statements
            .iter()
            .filter(|statement| has_sid(statement, sids))
            .collect();
        let Some(first) = ours.first() else {
            return Vec::new();
        };
        assert_eq!(ours.len(), sids.len(), "{self:#?}");
        let said = read(first);
        assert!(
            ours.iter().all(|statement| read(statement) == said),
            "{ours:#?}"
        );
        said
    }
}

fn has_sid(statement: &Value, sids: &[&str]) -> bool {
    statement["Sid"]
        .as_str()
        .is_some_and(|sid| sids.contains(&sid))
}

/// The `aws:PrincipalArn` patterns of `account` in a statement's condition, whatever the operator.
fn patterns(statement: &Value, account: &str) -> Vec<String> {
    let operators = statement["Condition"]
        .as_object()
        .expect("a condition")
        .values();
    let patterns = operators.flat_map(|operator| strings(&operator["aws:PrincipalArn"]));
    patterns
        .filter(|pattern| pattern.starts_with(&format!("arn:aws:iam::{account}:")))
        .collect()
}

/// IAM writes a list of one as the one.
fn strings(value: &Value) -> Vec<String> {
    let one_or_many = value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()]);
    one_or_many
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

impl Factory {
    /// Whom the stack's key lets in.
    pub async fn access(&self) -> KeyAccess {
        KeyAccess::read(&self.key_policy().await)
    }

    /// Whom a key of a further Region lets in.
    pub async fn access_in(&self, region: &str, key: &str) -> KeyAccess {
        KeyAccess::read(
            &self
                .aws
                .in_region(region)
                .key_policy(key)
                .await
                .expect("a key policy"),
        )
    }

    /// The accounts that may read what is published.
    pub async fn readers(&self) -> Vec<String> {
        let bucket = &self.outputs.output_bucket;
        let policy: Value =
            serde_json::from_str(&self.aws.bucket_policy(bucket).await.expect("a policy"))
                .expect("JSON");
        let statements = policy["Statement"].as_array().expect("statements").iter();
        let readers = statements.filter(|statement| statement["Sid"] == "GoldsmithConsumersRead");
        let roots = readers.flat_map(|statement| strings(&statement["Principal"]["AWS"]));
        roots
            .filter_map(|root| root.split(':').nth(4).map(str::to_owned))
            .collect()
    }

    /// Whether `account` itself gets what is published of a recipe.
    pub async fn can_read(&self, account: &str, recipe: &str) -> bool {
        let bucket = &self.outputs.output_bucket;
        let there = self.aws.in_account(account);
        let image = format!("images/{recipe}/image.json");
        match there.get_object(bucket, &image).await {
            Ok(_) => true,
            Err(CallError::Refused { message, .. }) if message.contains("AccessDenied") => false,
            Err(error) => panic!("{account} reads {image}: {error}"),
        }
    }

    /// Makes a role in `account` that `trusted` may assume, which may do `actions` on everything.
    pub async fn make_role(&self, account: &str, name: &str, trusted: &str, actions: &[&str]) {
        let iam = self.aws.in_account(account);
        let statement = json!({ "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{trusted}:root") },
            "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let parameters = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        iam.iam("CreateRole", &parameters).await.expect("a role");
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let parameters = [
            ("RoleName", name),
            ("PolicyName", "own"),
            ("PolicyDocument", policy.as_str()),
        ];
        iam.iam("PutRolePolicy", &parameters)
            .await
            .expect("a policy");
    }

    /// Deletes a role that [`make_role`](Self::make_role) made.
    pub async fn delete_role(&self, account: &str, name: &str) {
        let iam = self.aws.in_account(account);
        let own = [("RoleName", name), ("PolicyName", "own")];
        iam.iam("DeleteRolePolicy", &own).await.expect("no policy");
        iam.iam("DeleteRole", &[("RoleName", name)])
            .await
            .expect("no role");
    }

    /// Whether a launch by a session of the role may use the stack's key: EC2 asks for the role.
    pub async fn may_use_the_key(&self, account: &str, role: &str) -> bool {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        self.kms.call_via(&arn, Some("ec2.us-east-1.amazonaws.com"));
        let may = self.may_call_kms(account, role).await;
        self.kms.call_via(&arn, None);
        may
    }

    /// Whether a session of the role may use the stack's key itself, past every service.
    pub async fn may_call_kms(&self, account: &str, role: &str) -> bool {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let session = self
            .aws
            .in_account(account)
            .as_role(&arn)
            .await
            .expect("a session");
        let input = json!({ "KeyId": self.outputs.key_arn, "KeySpec": "AES_256" });
        match session.kms("GenerateDataKeyWithoutPlaintext", &input).await {
            Ok(_) => true,
            Err(CallError::Refused { message, .. }) if message.contains("AccessDenied") => false,
            Err(other) => panic!("{other}"),
        }
    }

    /// The AMI that is published as the copy of `recipe` for an account in `region`.
    pub async fn published_copy(
        &self,
        recipe: &str,
        account: &str,
        region: &str,
    ) -> Option<String> {
        let key = format!("images/{recipe}/{account}/image-{region}.json");
        let content = self.output_json(&key).await.ok()?;
        Some(content["ami_id"].as_str().expect("an AMI id").to_owned())
    }

    /// The key that encrypts an account's own AMI in `region`.
    pub async fn key_of_copy(&self, account: &str, region: &str, ami: &str) -> String {
        let aws = self.aws.in_account(account).in_region(region);
        let ami = aws.ami(ami).await.expect("an answer").expect("its own AMI");
        assert!(ami.is_encrypted(), "{ami:?}");
        ami.volumes[0].kms_key_id.clone().expect("a key")
    }
}
