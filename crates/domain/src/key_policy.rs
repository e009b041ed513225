//! The consumers' statements in the key policy: two of them, found by their Sids.
//!
//! Invariants: every other statement stays byte for byte as it is; nobody loses access here, since
//! taking a key away breaks running instances and is only ever done on request.
//!
//! Principals are account roots narrowed by `aws:PrincipalArn`: unlike a role's ARN they survive the
//! role's deletion and re-creation, and a role that does not exist yet does not make the write fail
//! (KMS developer guide, key policies; knowledge-center article on invalid principals).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::names::{AccountId, KeyArn};

/// The statement that lets consumers use the key.
pub const USE_SID: &str = "GoldsmithConsumersUse";
/// The statement that lets consumers' instances get grants.
pub const GRANT_SID: &str = "GoldsmithConsumersGrant";

/// KMS refuses a key policy beyond 32 KiB, in bytes (KMS developer guide, quotas).
pub const LARGEST_POLICY: usize = 32 * 1024;

/// What launching from a shared encrypted AMI needs (EBS user guide, share a KMS key).
const USE_ACTIONS: [&str; 5] =
    ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
/// What EC2 does on a consumer's behalf when it attaches a volume.
const GRANT_ACTIONS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

/// Which principals of which accounts may use the key: `aws:PrincipalArn` patterns by account.
pub type Access = BTreeMap<AccountId, BTreeSet<String>>;

/// Why a key policy cannot be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyPolicyError {
    /// What KMS returned is not a policy.
    #[error("the key policy is not a policy document: {0}")]
    Malformed(String),
    /// KMS would refuse to store it.
    #[error("the key policy would have {0} bytes, and KMS takes at most {LARGEST_POLICY}")]
    TooLarge(usize),
    /// KMS shows a deleted principal by its unique id and refuses it when it is written back.
    #[error(
        "statement {0} names a deleted principal, {1}; remove it, because KMS refuses every write while it is there"
    )]
    DeletedPrincipal(String, String),
}

/// A key policy as it is, with our statements taken out.
pub struct KeyPolicy<'a> {
    document: Document<'a>,
    ours: Access,
    ours_json: Vec<Value>,
}

#[derive(Deserialize, Serialize)]
struct Document<'a> {
    #[serde(rename = "Version", skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(rename = "Id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "Statement", borrow)]
    statements: Vec<&'a RawValue>,
}

impl<'a> KeyPolicy<'a> {
    /// Reads a policy as `GetKeyPolicy` returns it.
    pub fn parse(text: &'a str) -> Result<Self, KeyPolicyError> {
        let malformed = |error: serde_json::Error| KeyPolicyError::Malformed(error.to_string());
        let mut document: Document<'a> = serde_json::from_str(text).map_err(malformed)?;
        let mut ours_json = Vec::new();
        let mut foreign = Vec::new();
        for raw in std::mem::take(&mut document.statements) {
            let statement: Value = serde_json::from_str(raw.get()).map_err(malformed)?;
            if is_ours(&statement) { ours_json.push(statement) } else { foreign.push(raw) }
        }
        document.statements = foreign;
        Ok(Self { document, ours: access_of(&ours_json), ours_json })
    }

    /// Who has access through our statements.
    pub fn access(&self) -> &Access {
        &self.ours
    }

    /// Our statements, as indented JSON; an empty text if there are none.
    pub fn statements(&self) -> String {
        let pretty = |statement| serde_json::to_string_pretty(statement).unwrap_or_default();
        self.ours_json.iter().map(pretty).collect::<Vec<_>>().join(",\n")
    }

    /// The policy that also lets `wanted` in, or `None` if this one does already.
    pub fn admitting(&self, wanted: &Access) -> Result<Option<String>, KeyPolicyError> {
        let access = union(&self.ours, wanted);
        let statements = if access.is_empty() { Vec::new() } else { statements(&access) };
        if same_statements(&statements, &self.ours_json) {
            return Ok(None);
        }
        self.check_principals()?;
        let text = self.render(&statements)?;
        if text.len() > LARGEST_POLICY { Err(KeyPolicyError::TooLarge(text.len())) } else { Ok(Some(text)) }
    }

    fn render(&self, ours: &[Value]) -> Result<String, KeyPolicyError> {
        let malformed = |error: serde_json::Error| KeyPolicyError::Malformed(error.to_string());
        let ours: Vec<Box<RawValue>> =
            ours.iter().map(serde_json::value::to_raw_value).collect::<Result<_, _>>().map_err(malformed)?;
        let statements = self.document.statements.iter().copied().chain(ours.iter().map(|raw| &**raw));
        let document = Document {
            version: self.document.version.clone(),
            id: self.document.id.clone(),
            statements: statements.collect(),
        };
        serde_json::to_string(&document).map_err(malformed)
    }

    fn check_principals(&self) -> Result<(), KeyPolicyError> {
        for raw in &self.document.statements {
            let statement: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let principals = strings(&statement["Principal"]["AWS"]);
            if let Some(deleted) =
                principals.into_iter().find(|p| p.starts_with("AROA") || p.starts_with("AIDA"))
            {
                let sid = statement["Sid"].as_str().unwrap_or("without a Sid").to_owned();
                return Err(KeyPolicyError::DeletedPrincipal(sid, deleted));
            }
        }
        Ok(())
    }
}

/// The pattern that lets every principal of `account` in.
pub fn anyone_in(partition: &str, account: &AccountId) -> String {
    format!("arn:{partition}:iam::{account}:*")
}

/// The partition of a key, such as `aws` or `aws-us-gov`.
pub fn partition(key: &KeyArn) -> &str {
    key.as_str().split(':').nth(1).unwrap_or("aws")
}

fn is_ours(statement: &Value) -> bool {
    matches!(statement["Sid"].as_str(), Some(USE_SID | GRANT_SID))
}

/// Our two statements; one shared pair, because a pair for each consumer fills the policy at about
/// 70 consumers.
fn statements(access: &Access) -> Vec<Value> {
    let partition = access.values().flatten().next().and_then(|p| p.split(':').nth(1)).unwrap_or("aws");
    let roots: Vec<String> = access.keys().map(|a| format!("arn:{partition}:iam::{a}:root")).collect();
    let patterns: Vec<&String> = access.values().flatten().collect();
    let narrowed = json!({"ArnLike": {"aws:PrincipalArn": patterns}});
    let mut for_resources = narrowed.clone();
    for_resources["Bool"] = json!({"kms:GrantIsForAWSResource": "true"});
    let statement = |sid, actions: &[&str], condition| {
        json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": roots}, "Action": actions,
               "Resource": "*", "Condition": condition})
    };
    vec![statement(USE_SID, &USE_ACTIONS, narrowed), statement(GRANT_SID, &GRANT_ACTIONS, for_resources)]
}

/// Whether two lists of statements say the same; KMS may reorder keys and turn a list of one into
/// a string.
fn same_statements(left: &[Value], right: &[Value]) -> bool {
    let normal = |statements: &[Value]| {
        let mut all: Vec<String> = statements.iter().map(|s| normalize(s).to_string()).collect();
        all.sort();
        all
    };
    normal(left) == normal(right)
}

fn normalize(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> =
                map.iter().map(|(key, value)| (key.clone(), normalize(value))).collect();
            sorted.into_iter().collect()
        }
        Value::Array(items) if items.len() == 1 => normalize(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(normalize).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Reads our own statements back: which principals of which accounts they let in.
fn access_of(ours: &[Value]) -> Access {
    let mut access = Access::new();
    for statement in ours {
        let roots = strings(&statement["Principal"]["AWS"]);
        for account in roots.iter().filter_map(|root| account_of(root)) {
            access.entry(account).or_default();
        }
        for pattern in strings(&statement["Condition"]["ArnLike"]["aws:PrincipalArn"]) {
            if let Some(account) = account_of(&pattern) {
                access.entry(account).or_default().insert(pattern);
            }
        }
    }
    access
}

fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn union(left: &Access, right: &Access) -> Access {
    let mut all = left.clone();
    for (account, patterns) in right {
        all.entry(account.clone()).or_default().extend(patterns.iter().cloned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = r#"{ "Sid": "Admin",  "Effect":"Allow", "Principal": {"AWS":"arn:aws:iam::111122223333:root"}, "Action":"kms:*", "Resource":"*" }"#;

    fn policy(statements: &[&str]) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    }

    fn access(entries: &[(&str, &[&str])]) -> Access {
        let patterns = |p: &[&str]| p.iter().map(|p| (*p).to_owned()).collect();
        entries.iter().map(|(account, p)| (account.parse().expect("an account"), patterns(p))).collect()
    }

    const LAUNCH: &str = "arn:aws:iam::222222222222:role/mstr-launch";

    #[test]
    fn foreign_statements_stay_byte_for_byte() {
        let before = policy(&[ADMIN]);
        let read = KeyPolicy::parse(&before).expect("a policy");
        let after = read.admitting(&access(&[("222222222222", &[LAUNCH])])).expect("fits").expect("a change");
        assert!(after.contains(ADMIN), "{after}");
    }

    #[test]
    fn what_was_admitted_needs_no_second_write_however_kms_spells_it() {
        let wanted = access(&[("222222222222", &[LAUNCH])]);
        let before = policy(&[ADMIN]);
        let after =
            KeyPolicy::parse(&before).expect("a policy").admitting(&wanted).expect("fits").expect("a change");
        let respelled = after.replace(&format!(r#"["{LAUNCH}"]"#), &format!(r#""{LAUNCH}""#));
        assert_ne!(after, respelled);
        assert_eq!(KeyPolicy::parse(&respelled).expect("a policy").admitting(&wanted), Ok(None));
    }

    #[test]
    fn grants_are_only_for_aws_resources_and_only_for_the_named_roles() {
        let before = policy(&[ADMIN]);
        let wanted = access(&[("222222222222", &[LAUNCH])]);
        let after =
            KeyPolicy::parse(&before).expect("a policy").admitting(&wanted).expect("fits").expect("a change");
        let after: Value = serde_json::from_str(&after).expect("JSON");
        let grant = &after["Statement"][2];
        assert_eq!(grant["Condition"]["Bool"]["kms:GrantIsForAWSResource"], "true");
        assert_eq!(grant["Condition"]["ArnLike"]["aws:PrincipalArn"], json!([LAUNCH]));
        assert_eq!(grant["Principal"]["AWS"], json!(["arn:aws:iam::222222222222:root"]));
    }

    #[test]
    fn nobody_loses_access_when_another_joins() {
        let first = policy(&[ADMIN]);
        let first = KeyPolicy::parse(&first).expect("a policy");
        let with_one =
            first.admitting(&access(&[("222222222222", &[LAUNCH])])).expect("fits").expect("a change");
        let one = KeyPolicy::parse(&with_one).expect("a policy");
        let other = anyone_in("aws", &"333333333333".parse().expect("an account"));
        let with_both =
            one.admitting(&access(&[("333333333333", &[&other])])).expect("fits").expect("a change");
        let both = KeyPolicy::parse(&with_both).expect("a policy");
        assert_eq!(both.access(), &access(&[("222222222222", &[LAUNCH]), ("333333333333", &[&other])]));
    }

    #[test]
    fn a_deleted_foreign_principal_is_named_and_nothing_is_written() {
        let text = policy(&[
            ADMIN,
            r#"{"Sid":"Old","Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"},"Action":"kms:*","Resource":"*"}"#,
        ]);
        let refused =
            KeyPolicy::parse(&text).expect("a policy").admitting(&access(&[("222222222222", &[LAUNCH])]));
        assert_eq!(
            refused,
            Err(KeyPolicyError::DeletedPrincipal("Old".to_owned(), "AROAEXAMPLE".to_owned()))
        );
    }

    #[test]
    fn a_policy_that_kms_would_refuse_is_not_written() {
        let before = policy(&[ADMIN]);
        let many: Access = (0..400u64)
            .map(|n| {
                let account = format!("{:012}", 200_000_000_000 + n);
                let role = format!("arn:aws:iam::{account}:role/launch-{n}");
                (account.parse().expect("an account"), BTreeSet::from([role]))
            })
            .collect();
        let result = KeyPolicy::parse(&before).expect("a policy").admitting(&many);
        assert!(matches!(result, Err(KeyPolicyError::TooLarge(bytes)) if bytes > LARGEST_POLICY));
    }
}
