//! What the deployment made and only it mends: rules with their targets, and notifications.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::RULE;

/// The rules beside the build rule.
const LOOKS: [&str; 2] = ["goldsmith-nonprod-hourly", "goldsmith-nonprod-image-events"];

/// What somebody did to it.
#[derive(Default)]
pub struct Deployment {
    pub disabled_rules: BTreeSet<String>,
    pub rules_without_targets: BTreeSet<String>,
    /// Suffixes whose uploads start no run.
    pub silent: BTreeSet<String>,
    pub rotation_stopped: bool,
}

impl Deployment {
    pub fn rule(&self, name: &Value) -> Result<Value, &'static str> {
        let name = name.as_str().unwrap_or_default();
        if !LOOKS.contains(&name) {
            return Err("ResourceNotFoundException");
        }
        let disabled = self.disabled_rules.contains(name);
        Ok(json!({ "Name": name, "State": if disabled { "DISABLED" } else { "ENABLED" } }))
    }

    pub fn targets(&self, rule: &Value) -> Result<Value, &'static str> {
        let rule = rule.as_str().unwrap_or_default();
        if rule != RULE && !LOOKS.contains(&rule) {
            return Err("ResourceNotFoundException");
        }
        let target =
            json!({ "Id": "t", "Arn": "arn:aws:lambda:us-east-1:111122223333:function:f" });
        let has = !self.rules_without_targets.contains(rule);
        Ok(json!({ "Targets": if has { vec![target] } else { Vec::new() } }))
    }

    /// One configuration for each suffix, as infra/template.yaml has them.
    pub fn notifications(&self) -> String {
        let announced = ["json", "yml", "yaml"].into_iter();
        let announced = announced.filter(|suffix| !self.silent.contains(*suffix));
        let configurations = announced.map(|suffix| {
            format!(
                "<CloudFunctionConfiguration><Id>{suffix}</Id>\
                 <CloudFunction>arn:aws:lambda:us-east-1:111122223333:function:f</CloudFunction>\
                 <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>suffix</Name>\
                 <Value>.{suffix}</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
            )
        });
        let configurations: String = configurations.collect();
        // EventBridge may get the events as well; no rule of the stack listens there.
        let bridge = "<EventBridgeConfiguration></EventBridgeConfiguration>";
        format!("<NotificationConfiguration>{configurations}{bridge}</NotificationConfiguration>")
    }
}
