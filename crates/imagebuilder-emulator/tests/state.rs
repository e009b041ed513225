//! Snapshots, and the file that keeps the state.

use std::path::Path;

use imagebuilder_emulator::{Clock, Emulator, Fault, Options, ServeError};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use crate::support::Client;

fn manual() -> Options {
    Options {
        clock: Clock::Manual,
        ..Options::default()
    }
}

/// A world with something of each kind: finished, failed and running builds among it.
async fn world() -> (Client, String) {
    let client = Client::manual();
    let component = client.component("hardening").await;
    let recipe = json!({
        "components": [{"componentArn": component}],
        "tags": {"owner": "team"},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": true, "kmsKeyId": "alias/golden"}}],
    });
    let copies = json!([
        {"region": "us-east-1", "amiDistributionConfiguration": {"launchPermission": {"userIds": ["222222222222"]}}},
        {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": ["222222222222"]}},
    ]);
    let distribution = client.distribution("everywhere", copies).await.ok();
    let distribution = distribution
        .text("/distributionConfigurationArn")
        .to_owned();
    let pipeline = client
        .pipeline(
            "web",
            recipe,
            json!({"distributionConfigurationArn": distribution}),
        )
        .await;
    client.start(&pipeline).await;
    client.advance(1300);
    let failing = json!({"fail-build": {"state": "TESTING"}});
    client
        .emulator
        .add_faults([serde_json::from_value::<Fault>(failing).unwrap()]);
    client.start(&pipeline).await;
    client.advance(1300);
    let running = client.start(&pipeline).await;
    client.advance(100);
    (client, running)
}

fn state(emulator: &Emulator) -> Value {
    serde_json::from_str(&emulator.state().unwrap()).unwrap()
}

#[tokio::test]
async fn a_snapshot_put_back_is_the_same_world() {
    let (client, running) = world().await;
    let before = client.emulator.state().unwrap();
    let other = Client::manual();
    other.emulator.restore(before.as_bytes()).unwrap();
    assert_eq!(state(&other.emulator), state(&client.emulator));
    assert_eq!(other.status(&running).await, "BUILDING");
    other.advance(1300);
    client.advance(1300);
    assert_eq!(other.status(&running).await, "AVAILABLE");
    assert_eq!(client.status(&running).await, "AVAILABLE");
    client.emulator.restore(before.as_bytes()).unwrap();
    assert_eq!(client.status(&running).await, "BUILDING");
}

#[tokio::test]
async fn what_is_no_snapshot_is_refused_and_changes_nothing() {
    let (client, _) = world().await;
    let before = state(&client.emulator);
    for text in [
        "",
        "{}",
        "[]",
        r#"{"format": 1}"#,
        r#"{"format": 999, "time": "", "state": {}}"#,
    ] {
        assert!(client.emulator.restore(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(state(&client.emulator), before);
}

/// An emulator that keeps its state in a file, until `stop`.
struct Kept {
    emulator: Emulator,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<Result<(), ServeError>>,
}

impl Kept {
    async fn start(file: &Path) -> Self {
        let emulator = Emulator::new(manual());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = emulator
            .clone()
            .serve_from(file.to_owned(), listener, async {
                let _ = stopped.await;
            });
        Self {
            emulator,
            stop,
            server: tokio::spawn(serving),
        }
    }

    async fn stop(self) -> Result<(), ServeError> {
        let _ = self.stop.send(());
        self.server.await.unwrap()
    }
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let first = Kept::start(&file).await;
    let (client, running) = world().await;
    first
        .emulator
        .restore(client.emulator.state().unwrap().as_bytes())
        .unwrap();
    first.stop().await.unwrap();
    let second = Kept::start(&file).await;
    // The server reads the file when it is first polled.
    tokio::task::yield_now().await;
    let again = Client {
        emulator: second.emulator.clone(),
        ..client
    };
    assert_eq!(again.status(&running).await, "BUILDING");
    second.stop().await.unwrap();
    let left: Vec<_> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|one| one.unwrap().file_name())
        .collect();
    assert_eq!(left, ["state.json"]);
}

#[tokio::test]
async fn a_file_that_is_no_state_stops_the_start_and_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    std::fs::write(&file, "not a state").unwrap();
    let started = Kept::start(&file).await;
    assert!(matches!(
        started.server.await.unwrap(),
        Err(ServeError::State(_))
    ));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a state");
}
