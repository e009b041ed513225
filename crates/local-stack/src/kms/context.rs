//! What a condition can ask of a call: the condition keys and their values.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::caller::Caller;
use super::knobs::Knobs;

/// Keys that are understood, in lower case. Any other key makes a condition unknown.
const KNOWN: [&str; 19] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    // A service calls for itself, never here: these are always absent.
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "kms:bypasspolicylockoutsafetycheck",
    "kms:calleraccount",
    "kms:encryptioncontextkeys",
    "kms:grantconstrainttype",
    "kms:granteeprincipal",
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:retiringprincipal",
    "kms:viaservice",
];

/// The key of one pair of the encryption context starts with this.
const PAIR: &str = "kms:encryptioncontext:";

/// The condition keys of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Context(BTreeMap<String, Vec<String>>);

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known<'a> {
    /// Nobody here knows what the key means.
    Unknown,
    /// The call has no such key.
    Absent,
    /// One value, or several of a key that has many.
    Present(&'a [String]),
}

impl Context {
    /// The keys of a call of `operation`, such as `CreateGrant`, with this input.
    pub fn of(caller: &Caller, knobs: &Knobs, operation: &str, input: &Map<String, Value>) -> Self {
        let mut context = Self::default();
        context.add_caller(caller, knobs);
        if matches!(operation, "CreateGrant" | "ListGrants" | "RevokeGrant") {
            let is_for_resource = knobs.is_for_aws_resource(&caller.arn());
            context.set("kms:grantisforawsresource", is_for_resource.to_string());
        }
        if operation == "CreateGrant" {
            context.add_grant(input);
        }
        if matches!(operation, "CreateKey" | "PutKeyPolicy") {
            let bypass = input
                .get("BypassPolicyLockoutSafetyCheck")
                .and_then(Value::as_bool);
            context.set(
                "kms:bypasspolicylockoutsafetycheck",
                bypass.unwrap_or(false).to_string(),
            );
        }
        if let Some(pairs) = input.get("EncryptionContext").and_then(Value::as_object) {
            context.add_encryption_context(pairs);
        }
        context
    }

    fn add_caller(&mut self, caller: &Caller, knobs: &Knobs) {
        self.set("aws:principalarn", caller.arn());
        self.set("aws:principalaccount", &caller.account);
        self.set("kms:calleraccount", &caller.account);
        self.set("aws:principaltype", caller.kind());
        self.set("aws:principalisawsservice", "false");
        if let Some(path) = knobs.organization_path(&caller.account) {
            self.set(
                "aws:principalorgid",
                path.split('/').next().unwrap_or_default(),
            );
            self.set("aws:principalorgpaths", path);
        }
        if let Some(service) = knobs.via_service(&caller.arn()) {
            self.set("kms:viaservice", service);
        }
    }

    fn add_grant(&mut self, input: &Map<String, Value>) {
        for (key, parameter) in [
            ("kms:granteeprincipal", "GranteePrincipal"),
            ("kms:retiringprincipal", "RetiringPrincipal"),
        ] {
            if let Some(principal) = input.get(parameter).and_then(Value::as_str) {
                self.set(key, principal);
            }
        }
        let operations = input
            .get("Operations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let operations = operations
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect();
        self.0.insert("kms:grantoperations".to_owned(), operations);
        if let Some(constraint) = input.get("Constraints").and_then(Value::as_object) {
            self.0.insert(
                "kms:grantconstrainttype".to_owned(),
                constraint.keys().cloned().collect(),
            );
        }
    }

    fn add_encryption_context(&mut self, pairs: &Map<String, Value>) {
        for (key, value) in pairs {
            self.set(
                &format!("{PAIR}{}", key.to_lowercase()),
                value.as_str().unwrap_or_default(),
            );
        }
        self.0.insert(
            "kms:encryptioncontextkeys".to_owned(),
            pairs.keys().cloned().collect(),
        );
    }

    /// Sets a key, in lower case, to one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_owned(), vec![value.into()]);
    }

    /// What a condition key, in any case, stands for.
    pub fn value(&self, key: &str) -> Known<'_> {
        let key = key.to_lowercase();
        match self.0.get(&key) {
            Some(values) => Known::Present(values),
            None if KNOWN.contains(&key.as_str()) || key.starts_with(PAIR) => Known::Absent,
            None => Known::Unknown,
        }
    }
}
