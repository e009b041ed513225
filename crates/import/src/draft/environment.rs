//! `environment.json` of a draft.

use serde_json::{Map, Value as Json, json};

use super::consumers::Shared;
use super::documents::{pretty, uses};
use super::lists::Lists;
use super::{Consumer, Draft, Region, Shared as Settings, Volume};

/// The platform team's document, with its members in the order of docs/environment.md.
pub(super) fn render(draft: &Draft, lists: &Lists, environment: &str, family: &str) -> String {
    let shared = &draft.shared;
    let mut members = Map::new();
    let mut add = |key: &str, value: Json| {
        let is_empty = match &value {
            Json::Null => true,
            Json::Object(members) => members.is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => false,
        };
        if !is_empty {
            members.insert(key.to_owned(), value);
        }
    };
    add("schema-version", json!(1));
    add("environment", json!(environment));
    add("family", json!(family));
    add("regions", regions(&draft.regions));
    add("schedule", json!(shared.schedule));
    add("instance-types", json!(shared.instance_types));
    add("instances", instances(shared));
    add(
        "volumes",
        volumes(shared.volumes.as_deref().unwrap_or_default()),
    );
    add("build-components", uses(&lists.build));
    add("test-components", uses(&lists.test));
    if !lists.allowed.is_empty() {
        add("allowed-components", json!(lists.allowed));
    }
    add("base-owners", owners(&draft.base_owners));
    add("component-owners", owners(&draft.component_owners));
    if draft.no_compliance {
        add("compliance", json!("none"));
    }
    add("ami-name", json!(shared.ami_name));
    let consumers: Vec<Json> = lists.consumers.iter().map(consumer).collect();
    add("consumers", json!(consumers));
    members.insert("tags".to_owned(), json!(draft.tags));
    if let Some(word) = &shared.on_failure {
        members.insert("on-failure".to_owned(), json!(word));
    }
    pretty(&Json::Object(members))
}

fn regions(regions: &[(String, Region)]) -> Json {
    let settings = |(name, region): &(String, Region)| {
        let mut members = Map::new();
        if let Some(key) = &region.key {
            members.insert("kms-key".to_owned(), json!(key));
        }
        if !region.parameters.is_empty() {
            members.insert("ssm-parameters".to_owned(), json!(region.parameters));
        }
        if !region.templates.is_empty() {
            members.insert("launch-templates".to_owned(), json!(region.templates));
        }
        (name.clone(), Json::Object(members))
    };
    Json::Object(regions.iter().map(settings).collect())
}

fn instances(shared: &Settings) -> Json {
    let network = shared.network.clone().unwrap_or_default();
    let groups = (!network.groups.is_empty()).then_some(network.groups);
    let mut metadata = Map::new();
    if let Some(tokens) = &shared.tokens {
        metadata.insert("tokens".to_owned(), json!(tokens));
    }
    if let Some(hops) = shared.hop_limit {
        metadata.insert("hop-limit".to_owned(), json!(hops));
    }
    let logs = shared.log_bucket.as_ref();
    let logs = logs.map(|(name, prefix)| match prefix.as_str() {
        "" => json!({ "name": name }),
        prefix => json!({ "name": name, "prefix": prefix }),
    });
    let all = [
        ("instance-profile", json!(shared.profile)),
        ("key-pair", json!(shared.key_pair)),
        ("subnet", json!(network.subnet)),
        ("security-groups", json!(groups)),
        ("public-ip", json!(shared.public_ip)),
        (
            "metadata-options",
            if metadata.is_empty() {
                Json::Null
            } else {
                Json::Object(metadata)
            },
        ),
        ("log-bucket", json!(logs)),
        ("keep-instance-on-failure", json!(shared.keep_on_failure)),
    ];
    let given = all.into_iter().filter(|(_, value)| !value.is_null());
    Json::Object(given.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn volumes(volumes: &[Volume]) -> Json {
    let one = |volume: &Volume| {
        let mut members = Map::new();
        members.insert("size-gib".to_owned(), json!(volume.size));
        members.insert("type".to_owned(), json!(volume.kind));
        if let Some(iops) = volume.iops {
            members.insert("iops".to_owned(), json!(iops));
        }
        if let Some(throughput) = volume.throughput {
            members.insert("throughput".to_owned(), json!(throughput));
        }
        Json::Object(members)
    };
    Json::Array(volumes.iter().map(one).collect())
}

/// The owners that are trusted in any case, and these; nothing if there are no others.
fn owners(others: &[String]) -> Json {
    if others.is_empty() {
        return Json::Null;
    }
    let all = ["self", "amazon"]
        .into_iter()
        .chain(others.iter().map(String::as_str));
    json!(all.collect::<Vec<_>>())
}

fn consumer(shared: &Shared) -> Json {
    let mut members = Map::new();
    match &shared.consumer {
        Consumer::Account { id, copy } => {
            members.insert("account-id".to_owned(), json!(id));
            members.insert("roles".to_owned(), json!("any"));
            if *copy {
                members.insert("serve".to_owned(), json!("copy"));
            }
        }
        Consumer::Organization(arn) => {
            members.insert("organization".to_owned(), json!(arn));
        }
    }
    if let Some(regions) = &shared.regions {
        members.insert("regions".to_owned(), json!(regions));
    }
    Json::Object(members)
}
