//! What a condition can ask of a call: the condition keys and their values.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html>

use iam_policy::Context;
use serde_json::{Map, Value};

use super::caller::Caller;
use super::overrides::Overrides;

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

/// The keys of a call of `operation`, such as `CreateGrant`, with this input.
pub(super) fn context_of(
    caller: &Caller,
    overrides: &Overrides,
    operation: &str,
    input: &Map<String, Value>,
) -> Context {
    let mut context = Context::default();
    for key in KNOWN {
        context.set_absent(key);
    }
    context.set_others_absent(PAIR);
    add_caller(&mut context, caller, overrides);
    if matches!(operation, "CreateGrant" | "ListGrants" | "RevokeGrant") {
        let is_for_resource = overrides.is_for_aws_resource(&caller.arn());
        context.set("kms:grantisforawsresource", is_for_resource.to_string());
    }
    if operation == "CreateGrant" {
        add_grant(&mut context, input);
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
        add_encryption_context(&mut context, pairs);
    }
    context
}

fn add_caller(context: &mut Context, caller: &Caller, overrides: &Overrides) {
    context.set("aws:principalarn", caller.arn());
    context.set("aws:principalaccount", &caller.account);
    context.set("kms:calleraccount", &caller.account);
    context.set("aws:principaltype", caller.kind());
    context.set("aws:principalisawsservice", "false");
    if let Some(path) = overrides.organization_path(&caller.account) {
        context.set(
            "aws:principalorgid",
            path.split('/').next().unwrap_or_default(),
        );
        context.set("aws:principalorgpaths", path);
    }
    if let Some(service) = overrides.via_service(&caller.arn()) {
        context.set("kms:viaservice", service);
    }
}

fn add_grant(context: &mut Context, input: &Map<String, Value>) {
    for (key, parameter) in [
        ("kms:granteeprincipal", "GranteePrincipal"),
        ("kms:retiringprincipal", "RetiringPrincipal"),
    ] {
        if let Some(principal) = input.get(parameter).and_then(Value::as_str) {
            context.set(key, principal);
        }
    }
    let operations = input
        .get("Operations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let operations = operations.filter_map(Value::as_str);
    context.set_all("kms:grantoperations", operations);
    if let Some(constraint) = input.get("Constraints").and_then(Value::as_object) {
        context.set_all("kms:grantconstrainttype", constraint.keys());
    }
}

fn add_encryption_context(context: &mut Context, pairs: &Map<String, Value>) {
    for (key, value) in pairs {
        context.set(
            &format!("{PAIR}{}", key.to_lowercase()),
            value.as_str().unwrap_or_default(),
        );
    }
    context.set_all("kms:encryptioncontextkeys", pairs.keys());
}
