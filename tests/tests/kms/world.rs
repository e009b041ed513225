//! The accounts, keys and roles of the rows.

use std::collections::BTreeMap;

use local_stack::aws::{Aws, CallError};
use local_stack::{ACCOUNT, Config, Embedded, Kms};
use serde_json::{Value, json};

/// The account that owns the keys.
pub const OWNER: &str = ACCOUNT;

/// An account that uses them.
pub const OTHER: &str = "444455556666";

/// The page that a row is from, below <https://docs.aws.amazon.com/kms/latest/>.
pub type Page = &'static str;

/// An embedded AWS with keys.
pub struct World {
    embedded: Embedded,
}

/// What came of a call: `done`, or the code of the error.
pub fn outcome<T>(result: &Result<T, CallError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(CallError::Refused { message, .. }) => {
            let error: Value = serde_json::from_str(message).unwrap_or_default();
            error["__type"].as_str().unwrap_or(message).to_owned()
        }
        Err(other) => panic!("{other}"),
    }
}

/// The message of an error of KMS.
pub fn message<T>(result: Result<T, CallError>) -> String {
    let Err(CallError::Refused { message, .. }) = result else {
        panic!("not refused")
    };
    let error: Value = serde_json::from_str(&message).expect("an error of KMS");
    error["message"].as_str().expect("a message").to_owned()
}

/// A policy of these statements.
pub fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A statement of a key policy without conditions.
pub fn allow(principal: &str, action: &str) -> Value {
    json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" })
}

/// As [`allow`], denying.
pub fn deny(principal: &str, action: &str) -> Value {
    json!({ "Effect": "Deny", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" })
}

/// The statement that lets the owner's root do everything, and its account decide.
pub fn owner_administers() -> Value {
    allow(&root(OWNER), "kms:*")
}

/// An account's root.
pub fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// A role's ARN.
pub fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

/// What every one of the rows got, against what it should have; a table fails as a whole, so that
/// all of its wrong rows are seen.
#[derive(Default)]
pub struct Results {
    got: BTreeMap<String, String>,
    expected: BTreeMap<String, String>,
}

impl Results {
    pub fn row(&mut self, page: Page, what: &str, got: String, expected: &str) {
        let row = format!("{:02} {what} ({page})", self.got.len() + 1);
        self.got.insert(row.clone(), got);
        self.expected.insert(row, expected.to_owned());
    }

    pub fn assert(self) {
        let wrong: Vec<_> = self
            .got
            .iter()
            .filter(|(row, got)| self.expected[*row] != **got)
            .collect();
        let told = wrong
            .iter()
            .map(|(row, got)| format!("{row}: {got}, not {}", self.expected[*row]));
        assert!(wrong.is_empty(), "{}", told.collect::<Vec<_>>().join("\n"));
    }
}

impl World {
    pub async fn start() -> Self {
        Self {
            embedded: Embedded::start(&Config::default())
                .await
                .expect("an embedded AWS"),
        }
    }

    pub fn overrides(&self) -> &Kms {
        &self.embedded.kms
    }

    /// The root of an account.
    pub fn root_of(&self, account: &str) -> Aws {
        self.embedded.aws.in_account(account)
    }

    /// A new key of the owner with these statements, and the one that the owner administers by.
    pub async fn key(&self, statements: &[Value]) -> String {
        let mut all = vec![owner_administers()];
        all.extend_from_slice(statements);
        self.key_with(&all).await
    }

    /// A new key of the owner with these statements alone, however little they allow.
    pub async fn key_with(&self, statements: &[Value]) -> String {
        let input = json!({ "Policy": policy(statements), "BypassPolicyLockoutSafetyCheck": true });
        let made = self
            .root_of(OWNER)
            .kms("CreateKey", &input)
            .await
            .expect("a key");
        made["KeyMetadata"]["Arn"]
            .as_str()
            .expect("an ARN")
            .to_owned()
    }

    /// A new role that may do `actions` on everything, and a session of it.
    pub async fn session(&self, account: &str, name: &str, actions: &[&str]) -> Aws {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let statements = if actions.is_empty() {
            vec![]
        } else {
            vec![statement]
        };
        self.session_with(account, name, &statements).await
    }

    /// A new role with an inline policy of these statements, and a session of it.
    pub async fn session_with(&self, account: &str, name: &str, statements: &[Value]) -> Aws {
        self.make_role(account, "/", name).await;
        if !statements.is_empty() {
            let document = policy(statements);
            let parameters = [
                ("RoleName", name),
                ("PolicyName", "own"),
                ("PolicyDocument", &document),
            ];
            self.root_of(account)
                .iam("PutRolePolicy", &parameters)
                .await
                .expect("a policy");
        }
        self.root_of(account)
            .as_role(&role(account, name))
            .await
            .expect("a session")
    }

    pub async fn make_role(&self, account: &str, path: &str, name: &str) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": root(account) }, "Action": "sts:AssumeRole" }] });
        let trust = trust.to_string();
        let parameters = [
            ("RoleName", name),
            ("Path", path),
            ("AssumeRolePolicyDocument", &trust),
        ];
        self.root_of(account)
            .iam("CreateRole", &parameters)
            .await
            .expect("a role");
    }

    /// Deletes a role without policies.
    pub async fn delete_role(&self, account: &str, name: &str) {
        self.root_of(account)
            .iam("DeleteRole", &[("RoleName", name)])
            .await
            .expect("no role");
    }
}

/// `GenerateDataKey`, which needs a key and nothing else.
pub async fn use_key(aws: &Aws, key: &str) -> String {
    outcome(
        &aws.kms(
            "GenerateDataKey",
            &json!({ "KeyId": key, "KeySpec": "AES_256" }),
        )
        .await,
    )
}
