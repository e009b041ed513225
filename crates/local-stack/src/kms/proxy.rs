//! The way of a call through the proxy.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use serde_json::Value;

use super::authorize::{Authorization, EffectivePolicy, is_dry_run};
use super::caller::{Caller, Scope};
use super::key::Key;
use super::operations::{self, Operation};
use super::refusal::Refusal;
use super::state::{Input, KmsProxy, locked};

/// The prefix of KMS in `x-amz-target`.
const TARGET: &str = "TrentService.";

/// Headers that are about one connection, or that the next one writes by itself.
const OF_A_CONNECTION: [header::HeaderName; 3] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

impl KmsProxy {
    /// Answers a request.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        match self.handle(request).await {
            Ok(response) => response,
            Err(refusal) => json(refusal.status, &refusal.body()),
        }
    }

    async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let name = target
            .and_then(|target| target.strip_prefix(TARGET))
            .unwrap_or_default()
            .to_owned();
        let operation = operations::find(&name);
        if operation.is_none()
            && !matches!(name.as_str(), "CreateKey" | "ReEncrypt" | "RetireGrant")
        {
            return self.forward(request).await;
        }
        let missing = || {
            Refusal::new(
                "MissingAuthenticationTokenException",
                "Request is missing Authentication Token",
            )
        };
        let caller = self
            .caller(&Scope::of(request.headers()).ok_or_else(missing)?)
            .await?;
        let input = read(request.body())?;
        let answer = match (operation, name.as_str()) {
            (Some(operation), _) => self.operate(&caller, operation, input).await?,
            (None, "CreateKey") => return self.create_key(&caller, &input, request).await,
            (None, "ReEncrypt") => self.re_encrypt(&caller, &input).await?,
            (None, _) => self.retire_grant(&caller, &input).await?,
        };
        Ok(json(200, &answer))
    }

    /// An operation on one key.
    async fn operate(
        &self,
        caller: &Caller,
        operation: Operation,
        input: Input,
    ) -> Result<Value, Refusal> {
        let key = match operation.name {
            "Decrypt" => self.key_of_ciphertext(&input, "KeyId", caller).await?,
            _ => self.key_in(&input, "KeyId", caller).await?,
        };
        if !operation.crosses_accounts && key.account != caller.account {
            return Err(not_across_accounts(caller, operation, &key));
        }
        let (authorization, effective) =
            self.authorize(caller, &key, operation.name, &input).await?;
        let answer = self
            .perform(caller, operation, &key, input, &authorization, &effective)
            .await;
        answer.map_err(in_aws_words)
    }

    async fn perform(
        &self,
        caller: &Caller,
        operation: Operation,
        key: &Key,
        input: Input,
        authorization: &Authorization,
        effective: &EffectivePolicy,
    ) -> Result<Value, Refusal> {
        match operation.name {
            "PutKeyPolicy" => self.put_key_policy(caller, key, &input).await,
            "GetKeyPolicy" => self.get_key_policy(effective).await,
            "CreateGrant" => self.create_grant(caller, key, &input, authorization).await,
            "ListGrants" => self.list_grants(caller, key, &input).await,
            "ReplicateKey" => self.replicate_key(caller, key, input).await,
            _ => self.pass(caller, operation, key, input).await,
        }
    }

    async fn replicate_key(
        &self,
        caller: &Caller,
        key: &Key,
        input: Input,
    ) -> Result<Value, Refusal> {
        self.check_created(caller, &input).await?;
        Ok(self
            .owner(key, caller)
            .kms("ReplicateKey", &Value::Object(input))
            .await?)
    }

    /// A dry run of a use is the use, with its result thrown away: it leaves nothing behind.
    async fn pass(
        &self,
        caller: &Caller,
        operation: Operation,
        key: &Key,
        mut input: Input,
    ) -> Result<Value, Refusal> {
        let is_dry = operation.is_use && is_dry_run(&input);
        if operation.name == "Decrypt" && self.skips_ciphertext(caller, key, &input).await? {
            return Err(Refusal::dry_run());
        }
        if is_dry {
            input.remove("DryRun");
        }
        let answer = self
            .owner(key, caller)
            .kms(operation.name, &Value::Object(input))
            .await?;
        if is_dry {
            Err(Refusal::dry_run())
        } else {
            Ok(answer)
        }
    }

    async fn create_key(
        &self,
        caller: &Caller,
        input: &Input,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Refusal> {
        let checked = self.check_created(caller, input).await?;
        let response = self.forward(request).await?;
        let made: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        if let (Some((text, ids)), Some(arn)) = (checked, made["KeyMetadata"]["Arn"].as_str()) {
            locked(&self.bindings).bind(arn, &text, ids);
        }
        Ok(response)
    }

    /// Sends a request on as it came, signature and host included.
    async fn forward(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let call = self
            .http
            .request(parts.method, format!("{}{path}", self.base));
        let answer = call
            .headers(lasting(parts.headers))
            .body(body)
            .send()
            .await
            .map_err(unreachable)?;
        let (status, headers) = (answer.status(), lasting(answer.headers().clone()));
        let mut response = Response::new(answer.bytes().await.map_err(unreachable)?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>
/// says that permission for these has no effect across accounts, and not how the refusal is worded.
fn not_across_accounts(caller: &Caller, operation: Operation, key: &Key) -> Refusal {
    let action = format!("kms:{}", operation.name);
    super::authorize::denied(
        caller,
        &action,
        &key.arn,
        super::authorize::Reason::NotByKey,
    )
}

/// ministack words the outcome of its own dry runs otherwise.
fn in_aws_words(refusal: Refusal) -> Refusal {
    if refusal.code == "DryRunOperationException" {
        Refusal::dry_run()
    } else {
        refusal
    }
}

fn lasting(mut headers: HeaderMap) -> HeaderMap {
    for name in OF_A_CONNECTION {
        headers.remove(name);
    }
    headers
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn unreachable(error: reqwest::Error) -> Refusal {
    let message = format!("the embedded AWS cannot be asked: {error}");
    Refusal {
        status: 500,
        code: "KMSInternalException".to_owned(),
        message,
    }
}

fn read(body: &Bytes) -> Result<Input, Refusal> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Refusal::new("SerializationException", error.to_string()))
}

fn json(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let kind = header::HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
