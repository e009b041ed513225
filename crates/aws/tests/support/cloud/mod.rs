//! A stand-in, in memory, for the services beside Image Builder and EC2: only what the crate calls.
//!
//! Not a crate of mocks: the one looked at checks the condition of a conditional write before it takes
//! the lock to write, and publishers depend on there being nothing in between.

mod by_hand;
pub mod deployment;
mod event_bridge;
mod kms;
mod s3;
mod signer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use deployment::Deployment;
pub use kms::Keys;
pub use s3::Published;
use s3::Storage;

use super::ACCOUNT;
use super::documents::{FURTHER_KEY, KEY};

/// The bucket of the documents.
pub const DOCUMENTS: &str = "documents";
/// The bucket of what is published.
pub const OUTPUT: &str = "output";
/// The key that signs what is published, as the end of its ARN.
pub const SIGNING_KEY: &str = "key/11111111-2222-4333-8444-000000005678";
/// The rule that starts scheduled builds.
pub const RULE: &str = "goldsmith-build";
/// The key policy that the stack starts with.
pub const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;

/// The stand-in; clones share everything.
#[derive(Clone)]
pub struct Cloud(Arc<Mutex<State>>);

struct State {
    storage: Storage,
    keys: Keys,
    rule: Value,
    deployment: Deployment,
    /// By name; those of other accounts by account, Region and name.
    parameters: BTreeMap<String, String>,
    /// The types of parameters that are no plain text.
    parameter_types: BTreeMap<String, &'static str>,
    closed_parameters: BTreeSet<String>,
    asked_parameters: BTreeSet<String>,
    /// Roles that nobody may assume.
    closed_roles: BTreeSet<String>,
    /// Each session that was asked for: the role, and the name of the session.
    sessions: Vec<(String, String)>,
    messages: Vec<String>,
    /// The events that were put on the bus.
    events: Vec<Value>,
    calls: Vec<String>,
}

impl Cloud {
    pub fn new() -> Self {
        let rule = json!({
            "Name": RULE, "ScheduleExpression": "rate(7 days)", "State": "ENABLED",
            "Description": "Starts the scheduled builds",
            "RoleArn": "arn:aws:iam::111122223333:role/events",
        });
        Self(Arc::new(Mutex::new(State {
            storage: Storage::default(),
            keys: Keys::with_policies([KEY, FURTHER_KEY].map(|key| (key, KEY_POLICY))),
            rule,
            deployment: Deployment::default(),
            parameters: BTreeMap::new(),
            parameter_types: BTreeMap::new(),
            closed_parameters: BTreeSet::new(),
            asked_parameters: BTreeSet::new(),
            closed_roles: BTreeSet::new(),
            sessions: Vec::new(),
            messages: Vec::new(),
            events: Vec::new(),
            calls: Vec::new(),
        })))
    }

    /// Answers a request, in the protocol of its service.
    pub fn answer(
        &self,
        service: &str,
        operation: &str,
        request: &Request<Bytes>,
    ) -> Response<SdkBody> {
        let mut state = self.state();
        state.calls.push(format!("{service}:{operation}"));
        if let Some(answer) = state.deployment.answer(service, operation, request) {
            return answer;
        }
        match service {
            "s3" => state.storage.answer(operation, request),
            "sns" => {
                state
                    .messages
                    .push(String::from_utf8_lossy(request.body()).into_owned());
                let result = "<PublishResult><MessageId>m</MessageId></PublishResult>";
                response(200, format!("<PublishResponse>{result}</PublishResponse>"))
            }
            "sts" => state.assume_role(request),
            _ => {
                let input = serde_json::from_slice(request.body()).expect("JSON");
                let answer = match service {
                    "kms" => state.keys.answer(operation, &input, &scope(request).1),
                    _ => state.json(operation, &input, &place(request)),
                };
                match answer {
                    Ok(output) => response(200, output.to_string()),
                    Err(code) => refusal(service, 400, code),
                }
            }
        }
    }

    /// What was called, oldest first, as `service:Operation`; every attempt counts.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How often a call was made.
    pub fn called(&self, call: &str) -> usize {
        self.calls().iter().filter(|made| *made == call).count()
    }

    pub fn clear_calls(&self) {
        self.state().calls.clear();
    }

    /// A new version of a document; its version id.
    pub fn upload(&self, key: &str, content: impl Into<Bytes>) -> String {
        self.state().storage.put(DOCUMENTS, key, content.into())
    }

    /// A document of this many bytes, which exist only while they are read.
    pub fn upload_large(&self, key: &str, bytes: u64) {
        self.state().storage.put_large(DOCUMENTS, key, bytes);
    }

    /// Deletes a document, which leaves a delete marker.
    pub fn delete(&self, key: &str) {
        self.state().storage.delete(DOCUMENTS, key);
    }

    /// How many bytes of large documents were read.
    pub fn bytes_read(&self) -> u64 {
        self.state().storage.bytes_read()
    }

    /// Puts an object beside what is published, past any condition.
    pub fn put_output(&self, key: &str, content: impl Into<Bytes>) {
        self.state().storage.put(OUTPUT, key, content.into());
    }

    /// What stands in the output bucket.
    pub fn output(&self) -> BTreeMap<String, Published> {
        self.state().storage.current(OUTPUT)
    }

    /// The policy of the stack's key.
    pub fn key_policy(&self) -> String {
        self.policy_of(KEY)
    }

    pub fn set_key_policy(&self, policy: &str) {
        self.keys(|keys| keys.set_policy(KEY, policy));
    }

    pub fn policy_of(&self, key: &str) -> String {
        self.keys(|keys| keys.policy(key))
    }

    /// Changes what KMS knows, and how it answers.
    pub fn keys<T>(&self, change: impl FnOnce(&mut Keys) -> T) -> T {
        change(&mut self.state().keys)
    }

    /// The policy of the output bucket, if it has one.
    pub fn bucket_policy(&self) -> Option<String> {
        self.state().storage.policy(OUTPUT)
    }

    pub fn set_bucket_policy(&self, policy: &str) {
        self.state().storage.set_policy(OUTPUT, policy);
    }

    /// Every policy of a bucket that somebody tried to write, accepted or not.
    pub fn tried_bucket_policies(&self) -> Vec<String> {
        self.state().storage.tried_policies()
    }

    /// An account that S3 does not take as a principal.
    pub fn s3_forgets_account(&self, account: &str) {
        self.state().storage.forget_account(account);
    }

    /// Lets nobody assume a role any more.
    pub fn close_role(&self, role: &str) {
        self.state().closed_roles.insert(role.to_owned());
    }

    /// The sessions that were asked for: role and session name.
    pub fn sessions(&self) -> Vec<(String, String)> {
        self.state().sessions.clone()
    }

    pub fn rule(&self) -> Value {
        self.state().rule.clone()
    }

    pub fn parameters(&self) -> BTreeMap<String, String> {
        self.state().parameters.clone()
    }

    pub fn set_key_state(&self, key: &str, state: &str) {
        self.keys(|keys| keys.set_state(key, state));
    }

    /// The forms that were sent to the topic.
    pub fn messages(&self) -> Vec<String> {
        self.state().messages.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn json(&mut self, operation: &str, input: &Value, place: &str) -> Result<Value, &'static str> {
        match operation {
            "GetParameters" => self.found_parameters(input),
            "GetParameter" => {
                let name = text(input, "Name")?;
                let value = self.parameters.get(&format!("{place}{name}"));
                let value = value.ok_or("ParameterNotFound")?;
                Ok(json!({"Parameter": {"Name": name, "Type": "String", "Value": value}}))
            }
            "DescribeRule" | "ListTargetsByRule" | "PutTargets" | "PutRule" | "PutEvents" => {
                self.event_bridge(operation, input)
            }
            "PutParameter" => {
                let name = format!("{place}{}", text(input, "Name")?);
                if self.parameters.contains_key(&name) && input["Overwrite"] != true {
                    return Err("ParameterAlreadyExists");
                }
                self.parameters.insert(name, text(input, "Value")?);
                Ok(json!({"Version": 1, "Tier": "Standard"}))
            }
            other => panic!("{other} is not stood in for"),
        }
    }
}

impl State {
    /// The session's access key is the account's id, as the emulator has it.
    fn assume_role(&mut self, request: &Request<Bytes>) -> Response<SdkBody> {
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let (role, session) = (of_form(&form, "RoleArn"), of_form(&form, "RoleSessionName"));
        let account = role.split(':').nth(4).unwrap_or_default().to_owned();
        self.sessions.push((role.clone(), session));
        if self.closed_roles.contains(&role) {
            return refusal("sts", 403, "AccessDenied");
        }
        let credentials = format!(
            "<AccessKeyId>{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
        );
        let result = format!(
            "<AssumeRoleResult><Credentials>{credentials}</Credentials></AssumeRoleResult>"
        );
        response(
            200,
            format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>"),
        )
    }

    /// Those that are not there are listed apart, and one that may not be read fails the call (SSM API
    /// reference, `GetParameters`).
    fn found_parameters(&mut self, input: &Value) -> Result<Value, &'static str> {
        let names: Vec<&str> = input["Names"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        self.asked_parameters
            .extend(names.iter().map(ToString::to_string));
        if names
            .iter()
            .any(|name| self.closed_parameters.contains(*name))
        {
            return Err("AccessDeniedException");
        }
        let (found, missing): (Vec<&str>, Vec<&str>) = names
            .into_iter()
            .partition(|name| self.parameters.contains_key(*name));
        let shown = found.iter().map(|name| {
            let kind = self.parameter_types.get(*name).unwrap_or(&"String");
            json!({"Name": name, "Type": kind, "Value": self.parameters[*name]})
        });
        Ok(json!({"Parameters": shown.collect::<Vec<_>>(), "InvalidParameters": missing}))
    }
}

/// Where a request goes, if not to the building account: account and Region.
fn place(request: &Request<Bytes>) -> String {
    let (account, region) = scope(request);
    if account == ACCOUNT {
        String::new()
    } else {
        format!("{account} {region} ")
    }
}

/// Account and Region of a request, from the credential scope.
fn scope(request: &Request<Bytes>) -> (String, String) {
    let authorization = request.headers()["authorization"].to_str().expect("text");
    let mut scope = authorization
        .split("Credential=")
        .nth(1)
        .unwrap_or_default()
        .split('/');
    let mut next = |skipped| scope.nth(skipped).unwrap_or_default().to_owned();
    (next(0), next(1))
}

fn of_form(form: &str, name: &str) -> String {
    let value = form
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    percent_decode_str(value.unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned()
}

fn text(input: &Value, member: &str) -> Result<String, &'static str> {
    input[member]
        .as_str()
        .map(str::to_owned)
        .ok_or("ValidationException")
}

/// An error in the protocol of a service.
pub fn refusal(service: &str, status: u16, code: &str) -> Response<SdkBody> {
    let body = match service {
        "s3" => format!(
            "<Error><Code>{code}</Code><Message>{}</Message></Error>",
            message(code)
        ),
        "sns" | "sts" => {
            format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>")
        }
        "ec2" => {
            format!("<Response><Errors><Error><Code>{code}</Code></Error></Errors></Response>")
        }
        _ => json!({"__type": code, "message": message(code)}).to_string(),
    };
    let mut response = response(status, body);
    response
        .headers_mut()
        .insert("x-amzn-errortype", code.parse().expect("a header"));
    response
}

/// The words of the service, where they matter.
fn message(code: &str) -> &'static str {
    match code {
        "MalformedPolicyDocumentException" => {
            "Policy contains a statement with one or more invalid principals."
        }
        "MalformedPolicy" => "Invalid principal in policy",
        _ => "as asked",
    }
}

fn response(status: u16, body: impl Into<SdkBody>) -> Response<SdkBody> {
    Response::builder()
        .status(status)
        .body(body.into())
        .expect("a response")
}
