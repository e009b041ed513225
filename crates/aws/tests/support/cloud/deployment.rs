//! What the deployment made: rules, functions, the topic, the instance profile and notifications.

use std::collections::{BTreeMap, BTreeSet};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{RULE, refusal, response};

/// Somebody of another account.
pub const STRANGER: &str = "arn:aws:iam::999999999999:root";
/// The role of the instance profile.
pub const INSTANCE_ROLE: &str = "arn:aws:iam::111122223333:role/BuildInstanceRole";

/// The rules beside the build rule, with the functions that they invoke.
const LOOKS: [(&str, &[&str]); 2] = [
    ("goldsmith-nonprod-hourly", &["reconcile"]),
    (
        "goldsmith-nonprod-image-events",
        &["image-events", "reconcile"],
    ),
];

/// What somebody did to it.
pub struct Deployment {
    pub disabled_rules: BTreeSet<String>,
    /// The targets of each rule.
    pub targets: BTreeMap<String, Vec<Value>>,
    /// Suffixes whose uploads start no run.
    pub silent: BTreeSet<String>,
    /// What uploads invoke.
    pub announced: String,
    /// The policy of each function that has one.
    pub policies: BTreeMap<String, Value>,
    /// The reserved concurrency of functions.
    pub reserved: BTreeMap<String, u32>,
    pub topic_policy: Value,
    /// The roles of the instance profile.
    pub roles: Vec<String>,
    /// The managed policies of its role, and the names of those that are written into it.
    pub attached: Vec<String>,
    pub inline: Vec<String>,
    pub rotation_stopped: bool,
}

/// A function's ARN.
pub fn function(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:goldsmith-nonprod-{name}")
}

/// The permission that the template gives a service for one of its resources.
fn permission(function: &str, service: &str, source: &str) -> Value {
    json!({
        "Sid": source.rsplit(':').next(), "Effect": "Allow", "Principal": {"Service": service},
        "Action": "lambda:InvokeFunction", "Resource": self::function(function),
        "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}, "ArnLike": {"AWS:SourceArn": source}},
    })
}

fn policies() -> BTreeMap<String, Value> {
    let rule =
        |name: &str| format!("arn:aws:events:us-east-1:111122223333:rule/goldsmith-nonprod-{name}");
    let by_rule =
        |function: &str, name: &str| permission(function, "events.amazonaws.com", &rule(name));
    let uploads = permission("reconcile", "s3.amazonaws.com", "arn:aws:s3:::documents");
    let all = [
        (
            "reconcile",
            vec![
                by_rule("reconcile", "hourly"),
                by_rule("reconcile", "image-events"),
                uploads,
            ],
        ),
        ("scheduled-build", vec![by_rule("scheduled-build", "build")]),
        (
            "image-events",
            vec![by_rule("image-events", "image-events")],
        ),
    ];
    let policy =
        |statements| json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
    all.into_iter()
        .map(|(name, statements)| (format!("goldsmith-nonprod-{name}"), policy(statements)))
        .collect()
}

impl Default for Deployment {
    fn default() -> Self {
        let target = |name: &&str| json!({"Id": name, "Arn": function(name)});
        let rules = LOOKS.into_iter().chain([(RULE, &["scheduled-build"][..])]);
        let targets = rules
            .map(|(rule, functions)| (rule.to_owned(), functions.iter().map(target).collect()));
        let account = json!({"Sid": "AccountUses", "Effect": "Allow", "Action": ["sns:Publish", "sns:Subscribe"],
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Resource": "*"});
        let alarms = json!({"Sid": "AlarmsNotify", "Effect": "Allow", "Action": "sns:Publish",
            "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}});
        Self {
            disabled_rules: BTreeSet::new(),
            targets: targets.collect(),
            silent: BTreeSet::new(),
            announced: function("reconcile"),
            policies: policies(),
            reserved: BTreeMap::new(),
            topic_policy: json!({"Version": "2012-10-17", "Statement": [account, alarms]}),
            roles: vec![INSTANCE_ROLE.to_owned()],
            attached: Vec::new(),
            inline: vec!["build".to_owned()],
            rotation_stopped: false,
        }
    }
}

impl Deployment {
    pub fn set_targets(&mut self, rule: &str, targets: &[Value]) {
        self.targets.insert(rule.to_owned(), targets.to_vec());
    }

    /// The statements of a function's policy.
    pub fn statements(&mut self, function: &str) -> &mut Vec<Value> {
        let policy = self.policies.get_mut(function).expect("a function");
        policy["Statement"].as_array_mut().expect("statements")
    }

    /// The statements of the topic's policy.
    pub fn topic_statements(&mut self) -> &mut Vec<Value> {
        let statements = self.topic_policy["Statement"].as_array_mut();
        statements.expect("statements")
    }

    /// The answer to a call that reads it; none for any other call.
    pub fn answer(
        &self,
        service: &str,
        operation: &str,
        request: &Request<Bytes>,
    ) -> Option<Response<SdkBody>> {
        match (service, operation) {
            ("lambda", _) => Some(self.of_lambda(operation, request)),
            ("iam", "ListAttachedRolePolicies") => Some(response(200, self.attached())),
            ("iam", "ListRolePolicies") => Some(response(200, self.inline())),
            ("iam", "GetInstanceProfile") => Some(response(200, self.profile())),
            ("sns", "GetTopicAttributes") => Some(response(200, self.topic())),
            ("s3", "GetBucketNotificationConfiguration") => {
                Some(response(200, self.notifications()))
            }
            ("kms", "GetKeyRotationStatus") => {
                let rotates = json!({ "KeyRotationEnabled": !self.rotation_stopped });
                Some(response(200, rotates.to_string()))
            }
            _ => None,
        }
    }

    fn of_lambda(&self, operation: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let name = request.uri().path().split('/').nth(3).unwrap_or_default();
        match (operation, self.policies.get(name)) {
            ("GetPolicy", None) => refusal("lambda", 404, "ResourceNotFoundException"),
            ("GetPolicy", Some(policy)) => {
                response(200, json!({ "Policy": policy.to_string() }).to_string())
            }
            ("GetFunctionConcurrency", _) => {
                let reserved = self.reserved.get(name);
                let answer = json!({ "ReservedConcurrentExecutions": reserved });
                response(200, answer.to_string())
            }
            (other, _) => panic!("{other} is not stood in for"),
        }
    }

    fn profile(&self) -> String {
        let role = |arn: &String| format!("<member><Arn>{arn}</Arn></member>");
        let roles: Vec<String> = self.roles.iter().map(role).collect();
        format!(
            "<GetInstanceProfileResponse><GetInstanceProfileResult><InstanceProfile><Roles>{}</Roles>\
             </InstanceProfile></GetInstanceProfileResult></GetInstanceProfileResponse>",
            roles.concat()
        )
    }

    fn attached(&self) -> String {
        let policy = |arn: &String| format!("<member><PolicyArn>{arn}</PolicyArn></member>");
        let policies: Vec<String> = self.attached.iter().map(policy).collect();
        format!(
            "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies>{}\
             </AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>",
            policies.concat()
        )
    }

    fn inline(&self) -> String {
        let name = |name: &String| format!("<member>{name}</member>");
        let names: Vec<String> = self.inline.iter().map(name).collect();
        format!(
            "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames>{}</PolicyNames>\
             </ListRolePoliciesResult></ListRolePoliciesResponse>",
            names.concat()
        )
    }

    fn topic(&self) -> String {
        let policy = self.topic_policy.to_string().replace('"', "&quot;");
        format!(
            "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Policy</key>\
             <value>{policy}</value></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
        )
    }

    pub fn rule(&self, name: &Value) -> Result<Value, &'static str> {
        let name = name.as_str().unwrap_or_default();
        if !self.targets.contains_key(name) {
            return Err("ResourceNotFoundException");
        }
        let disabled = self.disabled_rules.contains(name);
        Ok(json!({ "Name": name, "State": if disabled { "DISABLED" } else { "ENABLED" } }))
    }

    pub fn targets(&self, rule: &Value) -> Result<Value, &'static str> {
        let targets = self.targets.get(rule.as_str().unwrap_or_default());
        let targets = targets.ok_or("ResourceNotFoundException")?;
        Ok(json!({ "Targets": targets }))
    }

    /// Targets are replaced by their ids.
    pub fn put_targets(&mut self, input: &Value) -> Result<Value, &'static str> {
        let rule = input["Rule"].as_str().unwrap_or_default();
        let targets = self.targets.get_mut(rule);
        let targets = targets.ok_or("ResourceNotFoundException")?;
        for target in input["Targets"].as_array().into_iter().flatten() {
            targets.retain(|known| known["Id"] != target["Id"]);
            targets.push(target.clone());
        }
        Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
    }

    /// One configuration for each suffix, as infra/template.yaml has them.
    fn notifications(&self) -> String {
        let announced = ["json", "yml", "yaml"].into_iter();
        let announced = announced.filter(|suffix| !self.silent.contains(*suffix));
        let configurations = announced.map(|suffix| {
            format!(
                "<CloudFunctionConfiguration><Id>{suffix}</Id>\
                 <CloudFunction>{}</CloudFunction>\
                 <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>suffix</Name>\
                 <Value>.{suffix}</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>",
                self.announced
            )
        });
        let configurations: Vec<String> = configurations.collect();
        // EventBridge may get the events as well; no rule of the stack listens there.
        let bridge = "<EventBridgeConfiguration></EventBridgeConfiguration>";
        format!(
            "<NotificationConfiguration>{}{bridge}</NotificationConfiguration>",
            configurations.concat()
        )
    }
}
