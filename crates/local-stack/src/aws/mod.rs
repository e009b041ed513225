//! A small signed client for the embedded AWS: one function sends, and a module for each service
//! names its operations. The SDK's clients would take minutes to compile for the same calls.

mod cloudformation;
mod credentials;
mod ec2;
mod eventbridge;
mod iam;
mod imagebuilder;
mod kms;
mod lambda;
mod logs;
mod s3;
mod sns;
mod sqs;
mod ssm;

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::endpoints::Endpoints;

pub use cloudformation::{DeployError, Output};
pub use ec2::{Ami, Volume};
pub(crate) use iam::{Authorizations, Entity};
pub use imagebuilder::{Distribution, Image, ImageAmi, Pipeline, Recipe};
pub use lambda::Invocation;
pub use sns::Notification;

/// What RFC 3986 leaves unreserved stays as it is, as the signature demands.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// The embedded AWS as one account sees it in one Region.
#[derive(Debug, Clone)]
pub struct Aws {
    http: reqwest::Client,
    endpoints: Endpoints,
    account: String,
    region: String,
    credentials: Credentials,
}

/// The signer's errors share no type.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A call to the embedded AWS did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request could not be formed.
    #[error("{0} cannot be formed as a request")]
    Request(String, #[source] http::Error),
    /// The request could not be signed.
    #[error("{0} cannot be signed")]
    Sign(String, #[source] BoxError),
    /// There was no answer.
    #[error("{0} got no answer")]
    Send(String, #[source] reqwest::Error),
    /// The service refused.
    #[error("{operation} was refused with status {status}: {message}")]
    Refused {
        /// The service and its operation, as an IAM policy names them.
        operation: String,
        /// The status of the response.
        status: u16,
        /// The error, as the service words it.
        message: String,
    },
    /// The answer cannot be read.
    #[error("{operation} answered what cannot be read: {reason}")]
    Answer {
        /// The service and its operation, as an IAM policy names them.
        operation: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl CallError {
    /// Whether the service said that the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}

/// A request before it is signed.
struct Call {
    service: &'static str,
    operation: &'static str,
    method: http::Method,
    /// Path and query, encoded.
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// An answer with a status of success.
struct Answer {
    operation: String,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Aws {
    /// The embedded AWS at `endpoints`.
    pub(crate) fn new(endpoints: &Endpoints, account: &str, region: &str) -> Self {
        Self {
            http: crate::http::client(),
            endpoints: endpoints.clone(),
            account: account.to_owned(),
            region: region.to_owned(),
            credentials: root(account),
        }
    }

    /// The same stack, seen from `account` by its root.
    #[must_use]
    pub fn in_account(&self, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            credentials: root(account),
            ..self.clone()
        }
    }

    /// The same account, seen in `region`.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// The account that calls.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The Region that is called.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// A call of an AWS query service; `parameters` without action and version.
    async fn query(
        &self,
        service: &'static str,
        operation: &'static str,
        version: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, CallError> {
        let fixed = [("Action", operation), ("Version", version)];
        let pairs: Vec<_> = fixed.iter().chain(parameters).map(pair).collect();
        self.send(Call {
            service,
            operation,
            method: http::Method::POST,
            target: "/".to_owned(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: pairs.join("&").into_bytes(),
        })
        .await
    }

    /// A call of an AWS JSON service, where `target` is the service's prefix.
    async fn json<T: DeserializeOwned>(
        &self,
        service: &'static str,
        target: &str,
        operation: &'static str,
        input: &Value,
    ) -> Result<T, CallError> {
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{target}.{operation}")),
        ];
        let body = input.to_string().into_bytes();
        let target = "/".to_owned();
        let call = Call {
            service,
            operation,
            method: http::Method::POST,
            target,
            headers,
            body,
        };
        self.send(call).await?.json()
    }

    async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let name = format!("{}:{}", call.service, call.operation);
        let request = self.signed(&name, call)?;
        let sending = |error| CallError::Send(name.clone(), error);
        let response = self.http.execute(request).await.map_err(sending)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(sending)?.to_vec();
        if status.is_success() {
            return Ok(Answer {
                operation: name,
                headers,
                body,
            });
        }
        let message = String::from_utf8_lossy(&body).into_owned();
        Err(CallError::Refused {
            operation: name,
            status: status.as_u16(),
            message,
        })
    }

    fn signed(&self, name: &str, call: Call) -> Result<reqwest::Request, CallError> {
        let endpoint = match call.service {
            "imagebuilder" | "ec2" => &self.endpoints.imagebuilder,
            "kms" => &self.endpoints.kms,
            _ => &self.endpoints.aws,
        };
        let mut builder = http::Request::builder()
            .method(call.method)
            .uri(format!("{endpoint}{}", call.target));
        for (header, value) in &call.headers {
            builder = builder.header(*header, value);
        }
        let forming = |error| CallError::Request(name.to_owned(), error);
        let mut request = builder.body(call.body).map_err(forming)?;
        self.sign(call.service, &mut request)
            .map_err(|error| CallError::Sign(name.to_owned(), error))?;
        request
            .try_into()
            .map_err(|error| CallError::Send(name.to_owned(), error))
    }

    fn sign(&self, service: &str, request: &mut http::Request<Vec<u8>>) -> Result<(), BoxError> {
        let credentials = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&credentials)
            .region(&self.region)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let uri = request.uri().to_string();
        let headers = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri,
            headers,
            SignableBody::Bytes(request.body()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

impl Answer {
    fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        let body: &[u8] = if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        };
        serde_json::from_slice(body).map_err(|error| self.unreadable(&error))
    }

    fn xml<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        quick_xml::de::from_reader(self.body.as_slice()).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, error: &impl ToString) -> CallError {
        CallError::Answer {
            operation: self.operation.clone(),
            reason: error.to_string(),
        }
    }
}

/// The access key is the account's number: that is how the embedded AWS tells accounts apart.
fn root(account: &str) -> Credentials {
    Credentials::new(account, crate::SECRET, None, None, "embedded")
}

fn pair((name, value): &(&str, &str)) -> String {
    format!("{}={}", encoded(name), encoded(value))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
