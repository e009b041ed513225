//! A client for the tests: hand-signed requests, straight into `handle`.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use imagebuilder_emulator::{Clock, Emulator, Options, ResponseDropped};
use serde_json::{Value, json};

pub const BASE: &str = "ami-08bd941ae380bd3cd";

pub const BUILDER: &str = "111122223333";

pub const CONSUMER: &str = "222222222222";

/// The document of a component with one phase.
pub fn document(phase: &str) -> String {
    format!(
        "schemaVersion: 1.0\nphases: [{{name: {phase}, steps: [{{name: Run, action: ExecuteBash, inputs: {{commands: [id]}}}}]}}]"
    )
}

/// An account in a Region, as a client.
#[derive(Clone)]
pub struct Client {
    pub emulator: Emulator,
    pub account: &'static str,
    pub region: &'static str,
}

/// An answer of Image Builder.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub error: String,
    pub body: Value,
    pub dropped: bool,
}

impl Reply {
    pub fn text(&self, pointer: &str) -> &str {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}: {self:?}"))
    }

    /// Fails unless it is this error.
    #[track_caller]
    pub fn refused(&self, status: u16, error: &str) -> &str {
        assert_eq!(
            (self.status, self.error.as_str()),
            (status, error),
            "{self:?}"
        );
        self.text("/message")
    }

    /// Fails unless it is a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{self:?}");
        self
    }
}

impl Client {
    pub fn new(options: Options) -> Self {
        Self {
            emulator: Emulator::new(options),
            account: BUILDER,
            region: "us-east-1",
        }
    }

    /// With a clock that only the test moves.
    pub fn manual() -> Self {
        Self::new(Options {
            clock: Clock::Manual,
            ..Options::default()
        })
    }

    pub fn as_account(&self, account: &'static str) -> Self {
        Self {
            account,
            ..self.clone()
        }
    }

    pub fn in_region(&self, region: &'static str) -> Self {
        Self {
            region,
            ..self.clone()
        }
    }

    pub fn advance(&self, seconds: u64) {
        self.emulator.advance(Duration::from_secs(seconds));
    }

    pub fn authorization(&self, service: &str) -> String {
        let Self {
            account, region, ..
        } = self;
        format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, \
             SignedHeaders=host, Signature=00"
        )
    }

    pub async fn send(
        &self,
        service: &str,
        method: Method,
        uri: &str,
        body: String,
    ) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("authorization", self.authorization(service))
            .body(Bytes::from(body));
        self.emulator.handle(request.unwrap()).await
    }

    /// Any request to Image Builder.
    pub async fn request(&self, method: Method, uri: &str, body: &Value) -> Reply {
        let response = self
            .send("imagebuilder", method, uri, body.to_string())
            .await;
        let header = |name| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        Reply {
            status: response.status().as_u16(),
            error: header("x-amzn-errortype"),
            dropped: response.extensions().get::<ResponseDropped>().is_some(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    /// An operation with a body; the client token is filled in as an SDK does.
    pub async fn put(&self, operation: &str, mut input: Value) -> Reply {
        let token = uuid::Uuid::new_v4().to_string();
        input
            .as_object_mut()
            .unwrap()
            .entry("clientToken")
            .or_insert(token.into());
        self.request(Method::PUT, &format!("/{operation}"), &input)
            .await
    }

    pub async fn list(&self, operation: &str, input: Value) -> Reply {
        self.request(Method::POST, &format!("/{operation}"), &input)
            .await
    }

    pub async fn get(&self, operation: &str, parameter: &str, arn: &str) -> Reply {
        let uri = format!("/{operation}?{parameter}={}", encoded(arn));
        self.request(Method::GET, &uri, &json!({})).await
    }

    pub async fn delete(&self, operation: &str, parameter: &str, arn: &str) -> Reply {
        let uri = format!("/{operation}?{parameter}={}", encoded(arn));
        self.request(Method::DELETE, &uri, &json!({})).await
    }

    /// An EC2 action; status and XML.
    pub async fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> (u16, String) {
        let pairs = parameters
            .iter()
            .map(|(name, value)| format!("&{name}={}", encoded(value)));
        let form = format!(
            "Action={action}&Version=2016-11-15{}",
            pairs.collect::<String>()
        );
        let response = self.send("ec2", Method::POST, "/", form).await;
        (
            response.status().as_u16(),
            String::from_utf8(response.body().to_vec()).unwrap(),
        )
    }

    pub async fn component(&self, name: &str) -> String {
        let input = json!({
            "name": name, "semanticVersion": "1.0.0", "platform": "Linux", "data": document("build"),
        });
        self.put("CreateComponent", input)
            .await
            .ok()
            .text("/componentBuildVersionArn")
            .to_owned()
    }

    pub async fn recipe(&self, name: &str, version: &str, more: Value) -> Reply {
        let mut input = json!({"name": name, "semanticVersion": version, "parentImage": BASE});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.put("CreateImageRecipe", input).await
    }

    pub async fn infrastructure(&self, name: &str) -> String {
        let input = json!({"name": name, "instanceProfileName": "builder"});
        let reply = self
            .put("CreateInfrastructureConfiguration", input)
            .await
            .ok();
        reply.text("/infrastructureConfigurationArn").to_owned()
    }

    pub async fn distribution(&self, name: &str, distributions: Value) -> Reply {
        let input = json!({"name": name, "distributions": distributions});
        self.put("CreateDistributionConfiguration", input).await
    }

    /// A pipeline with a recipe of its own, both with this name.
    pub async fn pipeline(&self, name: &str, recipe: Value, more: Value) -> String {
        let recipe = self.recipe(name, "1.0.0", recipe).await.ok();
        let mut input = json!({
            "name": name,
            "imageRecipeArn": recipe.text("/imageRecipeArn"),
            "infrastructureConfigurationArn": self.infrastructure(name).await,
        });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.put("CreateImagePipeline", input)
            .await
            .ok()
            .text("/imagePipelineArn")
            .to_owned()
    }

    pub async fn start(&self, pipeline: &str) -> String {
        let input = json!({"imagePipelineArn": pipeline});
        let reply = self.put("StartImagePipelineExecution", input).await.ok();
        reply.text("/imageBuildVersionArn").to_owned()
    }

    pub async fn image(&self, arn: &str) -> Value {
        let reply = self.get("GetImage", "imageBuildVersionArn", arn).await.ok();
        reply.body["image"].clone()
    }

    pub async fn status(&self, arn: &str) -> String {
        self.image(arn).await["state"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
