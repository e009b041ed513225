//! KMS: states, policies and grants of keys, and what it refuses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::signer::Signer;
use super::{SIGNING_KEY, text};

/// As many grants as a page has here, whatever is asked for: KMS may give fewer (API reference).
const PAGE: usize = 2;

/// Every key of every Region; keys without a policy do not exist.
#[derive(Default)]
pub struct Keys {
    policies: BTreeMap<String, String>,
    /// What is shown in place of a policy that was written a moment ago.
    shown: BTreeMap<String, String>,
    late: bool,
    states: BTreeMap<String, String>,
    /// Keys whose policies we may not read.
    unreadable: BTreeSet<String>,
    unknown_accounts: BTreeSet<String>,
    /// Every policy that somebody tried to write, accepted or not.
    tried: Vec<String>,
    grants: BTreeMap<String, Vec<Value>>,
    pub(super) signer: Signer,
}

impl Keys {
    pub fn with_policies(policies: [(&str, &str); 2]) -> Self {
        let policies = policies
            .map(|(key, policy)| (key.to_owned(), policy.to_owned()))
            .into();
        Self {
            policies,
            ..Self::default()
        }
    }

    pub fn policy(&self, key: &str) -> String {
        self.policies[key].clone()
    }

    pub fn set_policy(&mut self, key: &str, policy: &str) {
        self.policies.insert(key.to_owned(), policy.to_owned());
    }

    pub fn remove(&mut self, key: &str) {
        self.policies.remove(key);
    }

    pub fn set_state(&mut self, key: &str, state: &str) {
        self.states.insert(key.to_owned(), state.to_owned());
    }

    pub fn hide(&mut self, key: &str) {
        self.unreadable.insert(key.to_owned());
    }

    /// Shows what is written only later.
    pub fn be_late(&mut self) {
        self.late = true;
    }

    /// An account that does not exist; key policies may not name it.
    pub fn forget_account(&mut self, account: &str) {
        self.unknown_accounts.insert(account.to_owned());
    }

    pub fn know_account(&mut self, account: &str) {
        self.unknown_accounts.remove(account);
    }

    pub fn tried(&self) -> Vec<String> {
        self.tried.clone()
    }

    pub fn grant(&mut self, key: &str, id: &str, grantee: &str) {
        let grant = json!({"KeyId": key, "GrantId": id, "GranteePrincipal": grantee});
        self.grants.entry(key.to_owned()).or_default().push(grant);
    }

    /// The ids of the grants on a key.
    pub fn grants(&self, key: &str) -> Vec<String> {
        let grants = self.grants.get(key).into_iter().flatten();
        grants
            .map(|grant| grant["GrantId"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// A Region's KMS does not know the keys of another.
    pub fn answer(
        &mut self,
        operation: &str,
        input: &Value,
        region: &str,
    ) -> Result<Value, &'static str> {
        let key = text(input, "KeyId")?;
        if key.split(':').nth(3) != Some(region) {
            return Err("NotFoundException");
        }
        match operation {
            "GetKeyPolicy" if self.unreadable.contains(&key) => Err("AccessDeniedException"),
            "GetKeyPolicy" => {
                let shown = self.shown.get(&key).or_else(|| self.policies.get(&key));
                let policy = shown.ok_or("NotFoundException")?;
                Ok(json!({"Policy": policy, "PolicyName": input["PolicyName"]}))
            }
            "PutKeyPolicy" => self.put(&key, &text(input, "Policy")?),
            "DescribeKey" => Ok(self.key(&key)),
            "Sign" | "GetPublicKey" if !key.ends_with(SIGNING_KEY) => {
                Err("InvalidKeyUsageException")
            }
            "Sign" => self.signer.sign(input),
            "GetPublicKey" => Ok(self.signer.public_key()),
            "ListGrants" => self.list(&key, input),
            "RevokeGrant" => self.revoke(&key, input),
            other => panic!("{other} is not stood in for"),
        }
    }

    fn put(&mut self, key: &str, policy: &str) -> Result<Value, &'static str> {
        self.tried.push(policy.to_owned());
        let unknown = self
            .unknown_accounts
            .iter()
            .any(|account| policy.contains(&format!("::{account}:root")));
        if unknown {
            return Err("MalformedPolicyDocumentException");
        }
        let before = self.policies.insert(key.to_owned(), policy.to_owned());
        if self.late {
            self.shown
                .entry(key.to_owned())
                .or_insert_with(|| before.unwrap_or_default());
        }
        Ok(json!({}))
    }

    fn key(&self, key: &str) -> Value {
        let state = self.states.get(key).map_or("Enabled", String::as_str);
        json!({"KeyMetadata": {"KeyId": key, "Arn": key, "KeyManager": "CUSTOMER", "KeyState": state,
               "Enabled": state == "Enabled",
               "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}})
    }

    fn list(&self, key: &str, input: &Value) -> Result<Value, &'static str> {
        if !self.policies.contains_key(key) {
            return Err("NotFoundException");
        }
        let all = self.grants.get(key).map_or(&[][..], Vec::as_slice);
        let from: usize = input["Marker"]
            .as_str()
            .map_or(0, |marker| marker.parse().expect("our marker"));
        let page: Vec<&Value> = all.iter().skip(from).take(PAGE).collect();
        let mut answer = json!({"Grants": page, "Truncated": from + page.len() < all.len()});
        if answer["Truncated"] == true {
            answer["NextMarker"] = (from + PAGE).to_string().into();
        }
        Ok(answer)
    }

    fn revoke(&mut self, key: &str, input: &Value) -> Result<Value, &'static str> {
        let id = text(input, "GrantId")?;
        let grants = self.grants.entry(key.to_owned()).or_default();
        let index = grants
            .iter()
            .position(|grant| grant["GrantId"] == id.as_str());
        grants.remove(index.ok_or("NotFoundException")?);
        Ok(json!({}))
    }
}
