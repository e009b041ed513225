//! Over HTTP: the listener, the control, and the delivery of events to a stand-in for AWS.

mod stand_in;

use std::{future::pending, time::Duration};

use http::Method;
use imagebuilder_emulator::{Clock, Emulator, Options};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use self::stand_in::StandIn;
use crate::support::{BASE, BUILDER, Client};

/// An emulator behind a free port.
struct Served {
    client: Client,
    base: String,
    http: reqwest::Client,
}

impl Served {
    async fn start(options: Options) -> Self {
        let client = Client::new(options);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(client.emulator.clone().serve(listener, pending()));
        Self {
            client,
            base,
            http: reqwest::Client::new(),
        }
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_emulator/{path}", self.base);
        let response = self
            .http
            .request(method, url)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&response.text().await.unwrap()).unwrap(),
        )
    }

    async fn put(&self, operation: &str, body: Value) -> reqwest::Result<reqwest::Response> {
        let request = self.http.put(format!("{}/{operation}", self.base));
        let authorization = self.client.authorization("imagebuilder");
        request
            .header("authorization", authorization)
            .body(body.to_string())
            .send()
            .await
    }
}

fn manual() -> Options {
    Options {
        clock: Clock::Manual,
        ..Options::default()
    }
}

#[tokio::test]
async fn requests_are_answered_as_in_process() {
    let served = Served::start(manual()).await;
    let input =
        json!({"name": "web", "semanticVersion": "1.0.0", "parentImage": BASE, "clientToken": "t"});
    let response = served
        .put("CreateImageRecipe", input.clone())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    let again = served.client.put("CreateImageRecipe", input).await.ok();
    assert_eq!(body, again.body);
}

#[tokio::test]
async fn requests_without_a_signature_or_for_other_services_are_refused() {
    let served = Served::start(manual()).await;
    let url = format!("{}/ListImages", served.base);
    let unsigned = served.http.post(url).send().await.unwrap();
    assert_eq!(unsigned.status(), 403);
    assert_eq!(
        unsigned.headers()["x-amzn-errortype"],
        "MissingAuthenticationTokenException"
    );
    let other = served
        .client
        .send("s3", Method::GET, "/", String::new())
        .await;
    assert_eq!(other.status(), 501);
}

#[tokio::test]
async fn the_control_does_what_the_methods_do() {
    let served = Served::start(manual()).await;
    let pipeline = served.client.pipeline("web", json!({}), json!({})).await;
    let image = served.client.start(&pipeline).await;
    let post = |path: &'static str, body: Value| served.control(Method::POST, path, body);
    assert_eq!(post("advance", json!({"seconds": 1200})).await.0, 200);
    assert_eq!(served.client.status(&image).await, "AVAILABLE");
    let seed = json!({"images": [{"id": "ami-0123456789abcdef0"}]});
    assert_eq!(post("seed", seed).await.0, 200);
    let (status, _) = served
        .client
        .ec2("DescribeImages", &[("ImageId.1", "ami-0123456789abcdef0")])
        .await;
    assert_eq!(status, 200);
    let (_, calls) = served.control(Method::GET, "calls", json!({})).await;
    let last = calls["calls"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["operation"], &last["account"]),
        (&json!("DescribeImages"), &json!(BUILDER))
    );
    assert_eq!(
        served.control(Method::DELETE, "calls", json!({})).await.0,
        200
    );
    assert_eq!(served.client.emulator.calls(), []);
    assert_eq!(post("reset", json!({})).await.0, 200);
    served
        .client
        .get("GetImage", "imageBuildVersionArn", &image)
        .await
        .refused(404, "ResourceNotFoundException");
    for (path, bad) in [
        ("advance", json!({})),
        ("advance", json!({"seconds": -1})),
        ("faults", json!({"faults": [{}]})),
        ("seed", json!({"colour": 1})),
    ] {
        assert_eq!(post(path, bad).await.0, 400, "{path}");
    }
    assert_eq!(post("coffee", json!({})).await.0, 404);
}

#[tokio::test]
async fn a_lost_response_breaks_the_connection() {
    let served = Served::start(manual()).await;
    let fault =
        json!({"operation": "imagebuilder:CreateImageRecipe", "drop-response-after-commit": true});
    served
        .control(Method::POST, "faults", json!({"faults": [fault]}))
        .await;
    let input =
        json!({"name": "web", "semanticVersion": "1.0.0", "parentImage": BASE, "clientToken": "t"});
    assert!(
        served
            .put("CreateImageRecipe", input.clone())
            .await
            .is_err()
    );
    assert_eq!(
        served
            .put("CreateImageRecipe", input)
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn serving_ends_with_the_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Emulator::new(manual())
        .serve(listener, async {})
        .await
        .unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

async fn delivered(
    inbox: &mut mpsc::UnboundedReceiver<(String, String, String)>,
) -> (String, String, String) {
    tokio::time::timeout(Duration::from_secs(30), inbox.recv())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn events_reach_the_functions_of_matching_rules_as_the_account_and_are_retried() {
    let (endpoint, mut inbox) = StandIn::start(2).await;
    let options = Options {
        events_endpoint: Some(format!("http://{endpoint}")),
        ..manual()
    };
    let served = Served::start(options).await;
    let pipeline = served.client.pipeline("web", json!({}), json!({})).await;
    let image = served.client.start(&pipeline).await;
    served.client.advance(1200);
    let (path, signer, body) = delivered(&mut inbox).await;
    assert_eq!(
        path,
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus%2Deast%2D1%3A111122223333%3Afunction%3Aimage%2Devents/invocations"
    );
    assert_eq!(signer, BUILDER);
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["resources"], json!([image]));
    assert_eq!(event["detail"]["state"]["status"], "AVAILABLE");
}

#[tokio::test]
async fn what_is_on_its_way_is_counted_until_it_has_arrived() {
    let (endpoint, mut inbox) = StandIn::start(2).await;
    let options = Options {
        events_endpoint: Some(format!("http://{endpoint}")),
        ..manual()
    };
    let served = Served::start(options).await;
    let pipeline = served.client.pipeline("web", json!({}), json!({})).await;
    assert_eq!(served.client.emulator.undelivered(), 0);
    served.client.start(&pipeline).await;
    served.client.advance(1200);
    assert!(
        served.client.emulator.undelivered() > 0,
        "the events of a build, of which two are refused at first"
    );
    let delivered = async {
        while served.client.emulator.undelivered() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), delivered)
        .await
        .expect("everything is delivered");
    assert!(inbox.try_recv().is_ok(), "it has arrived");
}

#[tokio::test]
async fn the_topic_of_the_infrastructure_configuration_hears_of_the_end() {
    let (endpoint, mut inbox) = StandIn::start(0).await;
    let options = Options {
        events_endpoint: Some(format!("http://{endpoint}")),
        ..manual()
    };
    let served = Served::start(options).await;
    let client = &served.client;
    let recipe = client.recipe("web", "1.0.0", json!({})).await.ok();
    let topic = "arn:aws:sns:us-east-1:111122223333:images";
    let infrastructure = json!({"name": "inf", "instanceProfileName": "p", "snsTopicArn": topic});
    let infrastructure = client
        .put("CreateInfrastructureConfiguration", infrastructure)
        .await
        .ok();
    let input = json!({
        "imageRecipeArn": recipe.text("/imageRecipeArn"),
        "infrastructureConfigurationArn": infrastructure.text("/infrastructureConfigurationArn"),
    });
    client.put("CreateImage", input).await.ok();
    client.advance(1200);
    let mut received = vec![delivered(&mut inbox).await.2, delivered(&mut inbox).await.2];
    received.retain(|body| body.starts_with("Action=Publish"));
    let decoded = percent_encoding::percent_decode_str(&received[0])
        .decode_utf8()
        .unwrap()
        .into_owned();
    assert!(decoded.contains(&format!("TopicArn={topic}")), "{decoded}");
    assert!(
        decoded.contains("\"semver\":1237940039285380274899124225"),
        "{decoded}"
    );
    assert!(decoded.contains("\"status\":\"AVAILABLE\""), "{decoded}");
}

#[tokio::test]
async fn other_access_keys_are_asked_for_once() {
    let (endpoint, mut inbox) = StandIn::start(0).await;
    let client = Client::new(Options {
        events_endpoint: Some(format!("http://{endpoint}")),
        ..manual()
    });
    let session = client.as_account("ASIAEXAMPLE000000000");
    session.infrastructure("one").await;
    let arn = session.infrastructure("two").await;
    assert!(arn.contains(":444455556666:"), "{arn}");
    let (kind, _, body) = delivered(&mut inbox).await;
    assert!(kind == "sts" && body.ends_with("AccessKeyId=ASIAEXAMPLE000000000"));
    assert!(inbox.try_recv().is_err(), "asked twice");
    let unknown = client
        .as_account("ASIAUNKNOWN000000000")
        .list("ListImages", json!({}))
        .await;
    unknown.refused(403, "InvalidClientTokenId");
}

#[tokio::test]
async fn without_an_endpoint_any_other_key_is_the_default_account() {
    let client = Client::manual().as_account("AKIAIOSFODNN7EXAMPLE");
    assert!(
        client
            .infrastructure("one")
            .await
            .contains(&format!(":{BUILDER}:"))
    );
}

#[tokio::test]
async fn health_and_a_plain_page_say_what_it_is() {
    let served = Served::start(manual()).await;
    let (status, health) = served.control(Method::GET, "health", json!({})).await;
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    let before = health["time"].as_str().unwrap().to_owned();
    served.client.advance(60);
    let (_, health) = served.control(Method::GET, "health", json!({})).await;
    assert!(
        health["time"].as_str().unwrap() > before.as_str(),
        "the emulator's own time"
    );
    let page = served.http.get(&served.base).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/plain; charset=utf-8");
    let page = page.text().await.unwrap();
    assert!(
        page.contains(&format!("--endpoint-url {} imagebuilder", served.base)),
        "{page}"
    );
    let other = served
        .http
        .get(format!("{}/?Action=DescribeImages", served.base));
    assert_eq!(
        other.send().await.unwrap().status(),
        403,
        "that is a call without a signature"
    );
    let calls = served.control(Method::GET, "calls", json!({})).await.1;
    assert_eq!(calls["calls"], json!([]), "neither is a call");
}
