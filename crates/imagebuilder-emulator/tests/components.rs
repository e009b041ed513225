//! Components: imports, documents by `uri`, quotas, and what the lists and answers show.

use std::{convert::Infallible, net::SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use imagebuilder_emulator::Options;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{BUILDER, CONSUMER, Client, document};

fn import(script: &str, more: Value) -> Value {
    let mut input = json!({
        "name": "My Script", "semanticVersion": "1.0.0", "platform": "Linux",
        "type": "BUILD", "format": "SHELL", "data": script,
    });
    if let Value::Object(more) = more {
        input.as_object_mut().unwrap().extend(more);
    }
    input
}

fn by_uri(uri: &str) -> Value {
    json!({"name": "Harden", "semanticVersion": "1.0.0", "platform": "Linux", "uri": uri})
}

async fn component(client: &Client, arn: &str) -> Value {
    let reply = client
        .get("GetComponent", "componentBuildVersionArn", arn)
        .await
        .ok();
    reply.body["component"].clone()
}

#[tokio::test]
async fn a_script_becomes_a_component_of_one_step() {
    let client = Client::manual();
    let script = "#!/bin/sh\nset -e\necho \"it's: {{ 1 }}\"\t# \\ é\n";
    let made = client
        .put("ImportComponent", import(script, json!({})))
        .await
        .ok();
    assert_eq!(
        made.body.get("latestVersionReferences"),
        None,
        "the model has none here"
    );
    let arn = made.text("/componentBuildVersionArn");
    assert_eq!(
        arn,
        "arn:aws:imagebuilder:us-east-1:111122223333:component/my-script/1.0.0/1"
    );
    let imported = component(&client, arn).await;
    assert_eq!(
        (&imported["type"], &imported["name"]),
        (&json!("BUILD"), &json!("My Script"))
    );
    let data = imported["data"].as_str().unwrap();
    assert_eq!(
        imagebuilder_emulator::parse_component_document(data, "Linux"),
        Ok(())
    );
    assert!(data.contains("action: ExecuteBash"), "{data}");
    assert!(
        data.contains(&Value::from(script).to_string()),
        "the script is in it to the letter: {data}"
    );
}

#[tokio::test]
async fn the_type_of_an_import_is_given_and_the_same_again_is_refused() {
    let client = Client::manual();
    let test = || {
        client.put(
            "ImportComponent",
            import("exit 0", json!({"type": "TEST", "platform": "Windows"})),
        )
    };
    let made = test().await.ok();
    let imported = component(&client, made.text("/componentBuildVersionArn")).await;
    assert_eq!(imported["type"], "TEST");
    assert!(
        imported["data"]
            .as_str()
            .unwrap()
            .contains("action: ExecutePowerShell")
    );
    test().await.refused(400, "ResourceAlreadyExistsException");
    let other = client
        .put(
            "ImportComponent",
            import("exit 1", json!({"platform": "Windows"})),
        )
        .await
        .ok();
    assert!(
        other
            .text("/componentBuildVersionArn")
            .ends_with("/1.0.0/2")
    );
}

#[tokio::test]
async fn imports_are_checked_as_the_model_says() {
    let client = Client::manual();
    let bad = |more: Value| client.put("ImportComponent", import("exit 0", more));
    bad(json!({"format": "PYTHON"}))
        .await
        .refused(400, "InvalidParameterValueException");
    bad(json!({"type": "BOTH"}))
        .await
        .refused(400, "InvalidParameterValueException");
    bad(json!({"data": "x".repeat(1025)}))
        .await
        .refused(400, "InvalidParameterValueException");
    bad(json!({"uri": "s3://bucket/key"}))
        .await
        .refused(400, "InvalidParameterCombinationException");
}

#[tokio::test]
async fn a_component_has_at_most_25_parameters() {
    let client = Client::manual();
    let with = |count: usize| {
        let parameters: Vec<_> = (0..count)
            .map(|at| format!("{{par{at}: {{type: string}}}}"))
            .collect();
        let data = format!(
            "parameters: [{}]\n{}",
            parameters.join(", "),
            document("build")
        );
        client.put(
            "CreateComponent",
            json!({"name": "Many", "semanticVersion": "1.0.0", "platform": "Linux", "data": data}),
        )
    };
    with(25).await.ok();
    with(26).await.refused(402, "ServiceQuotaExceededException");
}

#[tokio::test]
async fn a_refusal_names_the_place_in_the_document() {
    let client = Client::manual();
    let data =
        "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: Run, action: ExecuteZsh}]}]";
    let input =
        json!({"name": "Zsh", "semanticVersion": "1.0.0", "platform": "Linux", "data": data});
    let refused = client.put("CreateComponent", input).await;
    assert_eq!(
        refused.refused(400, "InvalidParameterValueException"),
        "The value supplied for parameter 'data' is not valid. Parsing step 'Run' in phase 'build' \
         failed. Error: Unsupported action ExecuteZsh for os platform linux.",
        "the words of a PowerShell user's notes on New-EC2IBComponent"
    );
}

#[tokio::test]
async fn amazon_s_components_show_a_document_and_no_publisher() {
    let client = Client::manual();
    let arn = "arn:aws:imagebuilder:us-east-1:aws:component/stig-build-linux/x.x.x";
    let stig = component(&client, arn).await;
    let data = stig["data"].as_str().unwrap();
    assert_eq!(
        imagebuilder_emulator::parse_component_document(data, "Linux"),
        Ok(())
    );
    assert_eq!(stig.get("publisher"), None, "third parties have one");
    assert_eq!(stig["obfuscate"], false);
}

#[tokio::test]
async fn lists_are_of_one_owner() {
    let client = Client::manual();
    let arn = client.component("Harden").await;
    let version = arn.strip_suffix("/1").unwrap();
    let builds = |client: Client| async move {
        let input = json!({"componentVersionArn": version});
        let reply = client.list("ListComponentBuildVersions", input).await.ok();
        reply.body["componentSummaryList"].as_array().unwrap().len()
    };
    assert_eq!(builds(client.clone()).await, 1);
    assert_eq!(
        builds(client.as_account(CONSUMER)).await,
        0,
        "nothing is shared"
    );
    let names = |input: Value| {
        let client = client.clone();
        async move {
            let reply = client.list("ListComponents", input).await.ok();
            reply.body["componentVersionList"].as_array().unwrap().len()
        }
    };
    assert_eq!(names(json!({"owner": "Self"})).await, 1);
    for owner in ["Shared", "ThirdParty", "AWSMarketplace"] {
        assert_eq!(names(json!({"owner": owner})).await, 0, "{owner}");
    }
    let status = |value: &str| json!({"filters": [{"name": "status", "values": [value]}]});
    assert_eq!(
        (
            names(status("ACTIVE")).await,
            names(status("DISABLED")).await
        ),
        (1, 0)
    );
    let reply = client
        .list("ListComponents", json!({"owner": "Everybody"}))
        .await;
    reply.refused(400, "InvalidParameterValueException");
}

/// An S3 with one good object, whose answer says who asked.
async fn stand_in() -> SocketAddr {
    async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let header = |name| {
            request
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        let scope = format!("Credential={BUILDER}/");
        let is_signed = header("authorization").contains(&scope)
            && header("authorization").contains("/us-east-1/s3/aws4_request")
            && !header("x-amz-content-sha256").is_empty();
        let (status, body) = match request.uri().path() {
            "/bucket/a%20dir/harden.yml" if is_signed => (200, document("build")),
            "/bucket/large" => (200, "x".repeat(65_537)),
            "/bucket/rubbish" => (200, "rubbish".to_owned()),
            "/bucket/broken" => (500, String::new()),
            _ => (404, String::new()),
        };
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status.try_into().unwrap();
        Ok(response)
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)),
            );
        }
    });
    address
}

#[tokio::test]
async fn a_document_by_uri_is_read_from_the_endpoint_s_s3() {
    let endpoint = Some(format!("http://{}", stand_in().await));
    let client = Client::new(Options {
        events_endpoint: endpoint,
        ..Options::default()
    });
    let create = |uri: &'static str| client.put("CreateComponent", by_uri(uri));
    let made = create("s3://bucket/a dir/harden.yml").await.ok();
    let arn = made.text("/componentBuildVersionArn");
    assert_eq!(
        component(&client, arn).await["data"],
        document("build").as_str()
    );
    create("s3://bucket/a dir/harden.yml")
        .await
        .refused(400, "ResourceAlreadyExistsException");
    create("s3://bucket/large")
        .await
        .refused(402, "ServiceQuotaExceededException");
    create("s3://bucket/absent")
        .await
        .refused(400, "InvalidParameterValueException");
    create("s3://bucket")
        .await
        .refused(400, "InvalidParameterValueException");
    create("s3://bucket/broken")
        .await
        .refused(503, "ServiceUnavailableException");
    let rubbish = create("s3://bucket/rubbish").await;
    let message = rubbish.refused(400, "InvalidParameterValueException");
    assert!(message.contains("parameter 'uri'"), "{message}");
}

#[tokio::test]
async fn without_an_endpoint_a_uri_is_not_emulated() {
    let client = Client::manual();
    let refused = client
        .put("CreateComponent", by_uri("s3://bucket/key"))
        .await;
    assert!(
        refused
            .refused(501, "NotEmulatedException")
            .contains("--events-endpoint")
    );
    let mut wrong = by_uri("s3://bucket/key");
    wrong["platform"] = "Plan9".into();
    client
        .put("CreateComponent", wrong)
        .await
        .refused(400, "InvalidParameterValueException");
}
