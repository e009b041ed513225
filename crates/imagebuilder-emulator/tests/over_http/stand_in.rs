//! A stand-in for the AWS endpoint that events are delivered through.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

/// `EventBridge`, Lambda, SNS and STS, as far as the emulator calls them.
#[derive(Clone)]
pub(super) struct StandIn {
    pub(super) received: mpsc::UnboundedSender<(String, String, String)>,
    pub(super) failures_left: Arc<Mutex<u32>>,
}

impl StandIn {
    /// Its address, and what reaches functions and topics: path or action, signer, payload.
    pub(super) async fn start(
        failures: u32,
    ) -> (
        SocketAddr,
        mpsc::UnboundedReceiver<(String, String, String)>,
    ) {
        let (received, inbox) = mpsc::unbounded_channel();
        let stand_in = Self {
            received,
            failures_left: Arc::new(Mutex::new(failures)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let stand_in = stand_in.clone();
                let service = service_fn(move |request| stand_in.clone().answer(request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        (address, inbox)
    }

    async fn answer(self, request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap();
        let header = |name| {
            parts
                .headers
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
                .to_owned()
        };
        let (status, answer) = self.answered(
            parts.uri.path(),
            &header("x-amz-target"),
            &header("authorization"),
            &body,
        );
        let mut response = Response::new(Full::from(answer));
        *response.status_mut() = status.try_into().unwrap();
        Ok(response)
    }

    fn answered(&self, path: &str, target: &str, authorization: &str, body: &str) -> (u16, String) {
        let signer = authorization
            .split_once("Credential=")
            .unwrap()
            .1
            .split('/')
            .next()
            .unwrap();
        match target {
            "AWSEvents.ListRules" => (
                200,
                json!({"Rules": [
                    {"Name": "ours", "State": "ENABLED", "EventPattern": "{\"x\":1}"},
                    {"Name": "off", "State": "DISABLED", "EventPattern": "{}"},
                    {"Name": "hourly", "State": "ENABLED", "ScheduleExpression": "rate(1 hour)"},
                ]})
                .to_string(),
            ),
            "AWSEvents.ListTargetsByRule" => (
                200,
                json!({"Targets": [
                    {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:111122223333:function:image-events"},
                ]})
                .to_string(),
            ),
            "AWSEvents.TestEventPattern" => {
                let asked: Value = serde_json::from_str(body).unwrap();
                let available =
                    asked["Event"].as_str().unwrap().contains("\"state\":{\"status\":\"AVAILABLE\"}");
                (200, json!({"Result": available && asked["EventPattern"] == "{\"x\":1}"}).to_string())
            }
            _ if body.starts_with("Action=GetAccessKeyInfo") && body.contains("ASIAUNKNOWN") => {
                (400, String::new())
            }
            _ if body.starts_with("Action=GetAccessKeyInfo") => {
                self.received.send((String::from("sts"), signer.to_owned(), body.to_owned())).unwrap();
                (200, "<R><Account>444455556666</Account></R>".to_owned())
            }
            _ => self.delivered(path, signer, body),
        }
    }

    fn delivered(&self, path: &str, signer: &str, body: &str) -> (u16, String) {
        let mut left = self.failures_left.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            return (500, String::new());
        }
        self.received
            .send((path.to_owned(), signer.to_owned(), body.to_owned()))
            .unwrap();
        (202, String::new())
    }
}
