//! Signed calls to the AWS endpoint that delivers events. An account is chosen by using its twelve
//! digits as the access key.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningError,
        SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use http::{Method, Request, header};

/// How long an answer is waited for: an endpoint on the same machine that needs longer is stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a call to the endpoint failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("cannot build the request")]
    Request(#[from] http::Error),
    #[error("cannot sign the request")]
    Sign(#[from] SigningError),
    #[error("cannot set up the signature")]
    Parameters(#[from] v4::signing_params::BuildError),
    #[error("cannot reach the endpoint")]
    Http(#[from] reqwest::Error),
    #[error("the endpoint answered {status}: {body}")]
    Status { status: u16, body: String },
    #[error("cannot read the endpoint's answer")]
    Answer(#[from] serde_json::Error),
}

/// An endpoint with many services behind it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    base: String,
    http: reqwest::Client,
}

/// Who signs, for which service and Region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

impl Endpoint {
    /// For example `http://127.0.0.1:4566`.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http: http.unwrap_or_default(),
        }
    }

    /// A call of a JSON 1.1 service such as EventBridge.
    pub async fn json(
        &self,
        signer: Signer<'_>,
        target: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, CallError> {
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let text = self.post(signer, "/", &headers, body.to_string()).await?;
        Ok(serde_json::from_str(&text)?)
    }

    /// A call of a Query service such as SNS or STS; the answer is XML.
    pub async fn query(&self, signer: Signer<'_>, form: String) -> Result<String, CallError> {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.post(signer, "/", &headers, form).await
    }

    /// A GET, signed; the answer is text.
    pub async fn get(&self, signer: Signer<'_>, path: &str) -> Result<String, CallError> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("{}{path}", self.base));
        self.send(signer, request.body(Bytes::new())?).await
    }

    /// A POST, signed.
    pub async fn post(
        &self,
        signer: Signer<'_>,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<String, CallError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(signer, request.body(Bytes::from(body))?).await
    }

    async fn send(
        &self,
        signer: Signer<'_>,
        mut request: Request<Bytes>,
    ) -> Result<String, CallError> {
        apply_signature(signer, &mut request)?;
        let answer = self
            .http
            .execute(reqwest::Request::try_from(request)?)
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        if status.is_success() {
            return Ok(body);
        }
        Err(CallError::Status {
            status: status.as_u16(),
            body,
        })
    }
}

/// S3 signs a path as it is sent, and requires the digest of the body.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

fn apply_signature(signer: Signer<'_>, request: &mut Request<Bytes>) -> Result<(), CallError> {
    let identity = Credentials::new(signer.account, "test", None, None, "account").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(signer.region)
        .name(signer.service)
        .time(SystemTime::now())
        .settings(settings(signer.service))
        .build()?
        .into();
    let uri = request.uri().to_string();
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body)?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    request.headers_mut().remove(header::AUTHORIZATION);
    instructions.apply_to_request_http1x(request);
    Ok(())
}
