//! Components, recipes, configurations, pipelines: names, versions, checks.

mod components;
mod configurations;
mod pipelines;
mod recipes;
mod requests;

use serde_json::{Value, json};

const UPDATE: &str = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x";

fn component(data: &str) -> Value {
    json!({"name": "Harden", "semanticVersion": "1.0.0", "platform": "Linux", "data": data})
}
