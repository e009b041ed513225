//! Delivery: events to the targets of matching rules, messages to topics.
//!
//! EventBridge is asked which rules match and which targets they have. The targets are invoked from
//! here, because PutEvents refuses a source that starts with `aws.`.

use std::{
    collections::HashMap,
    future::Future,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    outbound::{
        endpoint::{CallError, Endpoint, Signer},
        target::Target,
    },
    records::notification::Notification,
};

/// How often a delivery is tried.
const ATTEMPTS: u32 = 4;

/// The pause after the first failure; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the rules of an account are kept. New rules must count soon, and a burst of events must
/// not ask for each.
const FRESH: Duration = Duration::from_secs(1);

/// An enabled rule with a pattern, and its targets.
#[derive(Debug, Clone)]
struct Rule {
    pattern: String,
    targets: Vec<Target>,
}

/// Delivers notifications, one after the other.
#[derive(Debug)]
pub(crate) struct Delivery {
    endpoint: Endpoint,
    rules: HashMap<(String, String), (Instant, Vec<Rule>)>,
}

impl Delivery {
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            rules: HashMap::new(),
        }
    }

    /// Delivers a notification. What cannot be delivered is logged: events are best effort on AWS, too.
    pub async fn deliver(&mut self, notification: &Notification) {
        match notification {
            Notification::Event(event) => self.event(event).await,
            Notification::Topic {
                topic,
                account,
                region,
                message,
            } => {
                let signer = Signer {
                    account,
                    region,
                    service: "sns",
                };
                with_retries(topic, || self.publish(signer, topic, message)).await;
            }
            Notification::Function {
                function,
                account,
                region,
                payload,
            } => {
                let signer = Signer {
                    account,
                    region,
                    service: "lambda",
                };
                with_retries(function, || {
                    self.invoke_function(signer, function, payload.clone())
                })
                .await;
            }
        }
    }

    async fn event(&mut self, event: &Value) {
        let text = |member: &str| event[member].as_str().unwrap_or_default().to_owned();
        let (account, region) = (text("account"), text("region"));
        self.refresh(&account, &region).await;
        let rules = self.rules.get(&(account.clone(), region.clone()));
        for rule in rules.into_iter().flat_map(|(_, rules)| rules) {
            let signer = Signer {
                account: &account,
                region: &region,
                service: "events",
            };
            if self.matches(signer, rule, event).await {
                for target in &rule.targets {
                    with_retries(&target.arn, || self.invoke(signer, target, event)).await;
                }
            }
        }
    }

    async fn refresh(&mut self, account: &str, region: &str) {
        let key = (account.to_owned(), region.to_owned());
        let fresh = self
            .rules
            .get(&key)
            .is_some_and(|(asked, _)| asked.elapsed() < FRESH);
        if fresh {
            return;
        }
        let signer = Signer {
            account,
            region,
            service: "events",
        };
        if let Some(rules) = with_retries("rules", || self.list_rules(signer)).await {
            self.rules.insert(key, (Instant::now(), rules));
        }
    }

    async fn list_rules(&self, signer: Signer<'_>) -> Result<Vec<Rule>, CallError> {
        let mut rules = Vec::new();
        let mut asked = json!({});
        loop {
            let answer = self
                .endpoint
                .json(signer, "AWSEvents.ListRules", &asked)
                .await?;
            for rule in answer["Rules"].as_array().into_iter().flatten() {
                if let (Some("ENABLED"), Some(pattern), Some(name)) = (
                    rule["State"].as_str(),
                    rule["EventPattern"].as_str(),
                    rule["Name"].as_str(),
                ) {
                    let targets = self.list_targets(signer, name).await?;
                    rules.push(Rule {
                        pattern: pattern.to_owned(),
                        targets,
                    });
                }
            }
            match answer["NextToken"].as_str() {
                Some(token) => asked = json!({"NextToken": token}),
                None => return Ok(rules),
            }
        }
    }

    async fn list_targets(&self, signer: Signer<'_>, rule: &str) -> Result<Vec<Target>, CallError> {
        let asked = json!({"Rule": rule});
        let answer = self
            .endpoint
            .json(signer, "AWSEvents.ListTargetsByRule", &asked)
            .await?;
        let targets = answer["Targets"].as_array().cloned().unwrap_or_default();
        Ok(targets.iter().filter_map(Target::read).collect())
    }

    async fn matches(&self, signer: Signer<'_>, rule: &Rule, event: &Value) -> bool {
        let asked = json!({"EventPattern": rule.pattern, "Event": event.to_string()});
        let ask = || {
            self.endpoint
                .json(signer, "AWSEvents.TestEventPattern", &asked)
        };
        let answer = with_retries("TestEventPattern", ask).await;
        answer.is_some_and(|answer| answer["Result"] == true)
    }

    async fn invoke(
        &self,
        signer: Signer<'_>,
        target: &Target,
        event: &Value,
    ) -> Result<(), CallError> {
        let payload = target.payload(event);
        let signer = |service| Signer { service, ..signer };
        match target.arn.split(':').nth(2) {
            Some("lambda") => {
                self.invoke_function(signer("lambda"), &target.arn, payload)
                    .await
            }
            Some("sns") => self.publish(signer("sns"), &target.arn, &payload).await,
            Some(_) | None => {
                tracing::warn!(target.arn, "targets of this kind are not emulated");
                Ok(())
            }
        }
    }

    async fn invoke_function(
        &self,
        signer: Signer<'_>,
        arn: &str,
        payload: String,
    ) -> Result<(), CallError> {
        let function = utf8_percent_encode(arn, NON_ALPHANUMERIC);
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = [
            ("x-amz-invocation-type", "Event"),
            ("content-type", "application/json"),
        ];
        self.endpoint
            .post(signer, &path, &headers, payload)
            .await
            .map(|_| ())
    }

    async fn publish(
        &self,
        signer: Signer<'_>,
        topic: &str,
        message: &str,
    ) -> Result<(), CallError> {
        let topic = utf8_percent_encode(topic, NON_ALPHANUMERIC);
        let message = utf8_percent_encode(message, NON_ALPHANUMERIC);
        let form = format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Message={message}");
        self.endpoint.query(signer, form).await.map(|_| ())
    }
}

/// Tries a few times; `None` after the last failure.
async fn with_retries<T, F>(what: &str, attempt: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = Result<T, CallError>>,
{
    let mut pause = PAUSE;
    for number in 1..=ATTEMPTS {
        match attempt().await {
            Ok(value) => return Some(value),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(what, number, error, "delivery failed");
            }
        }
        if number < ATTEMPTS {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    None
}
