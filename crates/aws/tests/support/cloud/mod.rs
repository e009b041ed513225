//! A stand-in, in memory, for the services beside Image Builder and EC2: only what the crate calls.
//!
//! Not a crate of mocks: the one looked at checks the condition of a conditional write before it takes
//! the lock to write, and publishers depend on there being nothing in between.

mod s3;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

pub use s3::Published;
use s3::Storage;

/// The bucket of the documents.
pub const DOCUMENTS: &str = "documents";
/// The bucket of what is published.
pub const OUTPUT: &str = "output";
/// The rule that starts scheduled builds.
pub const RULE: &str = "goldsmith-build";
/// The key policy that the stack starts with.
pub const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Admin","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;

/// The stand-in; clones share everything.
#[derive(Clone)]
pub struct Cloud(Arc<Mutex<State>>);

struct State {
    storage: Storage,
    key_policy: String,
    rule: Value,
    parameters: BTreeMap<String, String>,
    /// States of keys that are not enabled.
    key_states: BTreeMap<String, String>,
    messages: Vec<String>,
    calls: Vec<String>,
}

impl Cloud {
    pub fn new() -> Self {
        let rule = json!({
            "Name": RULE, "ScheduleExpression": "rate(7 days)", "State": "DISABLED",
            "Description": "Starts the scheduled builds",
            "RoleArn": "arn:aws:iam::111122223333:role/events",
        });
        Self(Arc::new(Mutex::new(State {
            storage: Storage::default(),
            key_policy: KEY_POLICY.to_owned(),
            rule,
            parameters: BTreeMap::new(),
            key_states: BTreeMap::new(),
            messages: Vec::new(),
            calls: Vec::new(),
        })))
    }

    /// Answers a request, in the protocol of its service.
    pub fn answer(&self, service: &str, operation: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let mut state = self.state();
        state.calls.push(format!("{service}:{operation}"));
        match service {
            "s3" => state.storage.answer(operation, request),
            "sns" => {
                state.messages.push(String::from_utf8_lossy(request.body()).into_owned());
                let result = "<PublishResult><MessageId>m</MessageId></PublishResult>";
                response(200, format!("<PublishResponse>{result}</PublishResponse>"))
            }
            _ => {
                let input = serde_json::from_slice(request.body()).expect("JSON");
                match state.json(operation, &input) {
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

    pub fn key_policy(&self) -> String {
        self.state().key_policy.clone()
    }

    pub fn set_key_policy(&self, policy: &str) {
        policy.clone_into(&mut self.state().key_policy);
    }

    pub fn rule(&self) -> Value {
        self.state().rule.clone()
    }

    pub fn parameters(&self) -> BTreeMap<String, String> {
        self.state().parameters.clone()
    }

    pub fn set_parameter(&self, name: &str, value: &str) {
        self.state().parameters.insert(name.to_owned(), value.to_owned());
    }

    pub fn set_key_state(&self, key: &str, state: &str) {
        self.state().key_states.insert(key.to_owned(), state.to_owned());
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
    fn json(&mut self, operation: &str, input: &Value) -> Result<Value, &'static str> {
        match operation {
            "GetKeyPolicy" => Ok(json!({"Policy": self.key_policy, "PolicyName": input["PolicyName"]})),
            "PutKeyPolicy" => {
                self.key_policy = text(input, "Policy")?;
                Ok(json!({}))
            }
            "DescribeKey" => Ok(self.key(&text(input, "KeyId")?)),
            "GetParameters" => Ok(self.found_parameters(input)),
            "DescribeRule" if input["Name"] == RULE => Ok(self.rule.clone()),
            "DescribeRule" => Err("ResourceNotFoundException"),
            // As in life the rule is replaced, and is enabled unless the call says otherwise.
            "PutRule" => {
                self.rule = input.clone();
                if input.get("State").is_none() {
                    self.rule["State"] = "ENABLED".into();
                }
                Ok(json!({"RuleArn": "arn:aws:events:us-east-1:111122223333:rule/goldsmith-build"}))
            }
            "PutParameter" => {
                let name = text(input, "Name")?;
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
    fn key(&self, key: &str) -> Value {
        let state = self.key_states.get(key).map_or("Enabled", String::as_str);
        json!({"KeyMetadata": {"KeyId": key, "Arn": key, "KeyManager": "CUSTOMER", "KeyState": state,
               "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}})
    }

    /// Those that are not there are listed apart (SSM API reference, `GetParameters`).
    fn found_parameters(&self, input: &Value) -> Value {
        let names: Vec<&str> =
            input["Names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (found, missing): (Vec<&str>, Vec<&str>) =
            names.into_iter().partition(|name| self.parameters.contains_key(*name));
        let shown = found.iter().map(|name| json!({"Name": name, "Value": self.parameters[*name]}));
        json!({"Parameters": shown.collect::<Vec<_>>(), "InvalidParameters": missing})
    }
}

fn text(input: &Value, member: &str) -> Result<String, &'static str> {
    input[member].as_str().map(str::to_owned).ok_or("ValidationException")
}

/// An error in the protocol of a service.
pub fn refusal(service: &str, status: u16, code: &str) -> Response<SdkBody> {
    let body = match service {
        "s3" => format!("<Error><Code>{code}</Code><Message>as asked</Message></Error>"),
        "sns" => format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"),
        "ec2" => format!("<Response><Errors><Error><Code>{code}</Code></Error></Errors></Response>"),
        _ => json!({"__type": code, "message": "as asked"}).to_string(),
    };
    let mut response = response(status, body);
    response.headers_mut().insert("x-amzn-errortype", code.parse().expect("a header"));
    response
}

fn response(status: u16, body: impl Into<SdkBody>) -> Response<SdkBody> {
    Response::builder().status(status).body(body.into()).expect("a response")
}
