//! Who may publish to the topic that people listen to.

use std::collections::BTreeMap;

use goldsmith_domain::deployment::topic_policy_faults;
use goldsmith_domain::stack::StackContext;

use super::Inspection;

impl Inspection<'_> {
    pub(super) async fn topic(&mut self) {
        let topic = self.aws.resources.topic_arn.clone();
        let answer = self.aws.sns.topic_attributes(&topic).await;
        let stack = &self.aws.stack;
        let faults = self.existing(answer, |answer| faults(answer, &topic, stack));
        for fault in faults.unwrap_or_default() {
            self.fault(&topic, fault);
        }
    }
}

fn faults(
    attributes: Option<BTreeMap<String, String>>,
    topic: &str,
    stack: &StackContext,
) -> Vec<String> {
    let Some(attributes) = attributes else {
        return vec!["the topic is gone, so that nobody is told anything".to_owned()];
    };
    let policy = attributes.get("Policy").map(String::as_str);
    topic_policy_faults(policy, topic, stack)
}
