//! What must hold in the state, whatever was called.

use serde_json::Value;

use super::RUNNING;
use crate::support::Client;

pub(super) fn state(client: &Client) -> Value {
    let mut snapshot: Value = serde_json::from_str(&client.emulator.state().unwrap()).unwrap();
    snapshot["state"].take()
}

pub(super) fn entries<'s>(
    state: &'s Value,
    kind: &str,
) -> impl Iterator<Item = (&'s String, &'s Value)> {
    state[kind].as_object().unwrap().iter()
}

pub(super) fn check_references(state: &Value) {
    let exists =
        |kind: &str, arn: &Value| arn.is_null() || state[kind].get(arn.as_str().unwrap()).is_some();
    for (arn, pipeline) in entries(state, "pipelines") {
        for (kind, member) in [
            ("recipes", "imageRecipeArn"),
            ("infrastructures", "infrastructureConfigurationArn"),
            ("distributions", "distributionConfigurationArn"),
        ] {
            assert!(
                exists(kind, &pipeline[member]),
                "{arn} refers to {}",
                pipeline[member]
            );
        }
    }
    for (arn, recipe) in entries(state, "recipes") {
        for component in recipe["components"].as_array().unwrap() {
            assert!(
                exists("components", &component["componentArn"]),
                "{arn} refers to {component}"
            );
        }
    }
}

pub(super) fn check_amis(state: &Value) {
    for (id, ami) in entries(&state["ec2"], "amis") {
        assert_eq!(ami["owner"].as_str().unwrap().len(), 12, "{id}");
        let volumes = ami["devices"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|device| device.get("ebs"));
        for volume in volumes.filter(|volume| !volume.is_null()) {
            let snapshot = &state["ec2"]["snapshots"][volume["snapshot"].as_str().unwrap()];
            assert_eq!(
                (&snapshot["owner"], &snapshot["region"]),
                (&ami["owner"], &ami["region"]),
                "{id}"
            );
        }
    }
}

pub(super) fn check_agenda(state: &Value) {
    let agenda: Vec<_> = state["agenda"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    for (arn, image) in entries(state, "images") {
        let running = RUNNING.contains(&image["status"].as_str().unwrap());
        let due = agenda
            .iter()
            .any(|task| task.contains(&format!("\"{arn}\"")));
        assert_eq!(
            due, running,
            "{arn} is {}, agenda {agenda:?}",
            image["status"]
        );
    }
}
