//! What is left behind, in every account and Region, whatever any record says of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Factory;

impl Factory {
    /// The AMIs in any account and Region that are tagged as this image's, and the snapshots that no AMI has.
    pub fn leaks_of(&self, image: &str) -> Vec<String> {
        let state = self.emulator.state().expect("the emulator's state");
        let state: Value = serde_json::from_str(&state).expect("JSON");
        let ec2 = find(&state, "ec2").expect("EC2's part");
        let amis = ec2["amis"].as_object().expect("AMIs");
        let used: BTreeSet<String> = amis
            .values()
            .flat_map(|ami| texts(&ami["devices"]))
            .collect();
        let tagged = amis.iter().filter(|(_, ami)| {
            let mut tags = texts(&ami["tags"]).into_iter();
            tags.any(|text| text == image)
        });
        let tagged = tagged.map(|(id, _)| id.clone());
        let snapshots = ec2["snapshots"].as_object().expect("snapshots").keys();
        let orphans = snapshots.filter(|id| !used.contains(*id)).cloned();
        tagged.chain(orphans).collect()
    }
}

fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    let mut inside = members.values();
    members
        .get(name)
        .or_else(|| inside.find_map(|member| find(member, name)))
}

/// Every string in a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
