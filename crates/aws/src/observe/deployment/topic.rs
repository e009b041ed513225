//! Who may publish to the topic that people listen to.

use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesOutput;
use goldsmith_domain::deployment::topic_policy_faults;
use goldsmith_domain::stack::StackContext;

use super::Inspection;
use crate::fault::CallError;

impl Inspection<'_> {
    pub(super) async fn topic(&mut self) {
        let topic = self.aws.resources.topic_arn.clone();
        let call = self.aws.sns.get_topic_attributes().topic_arn(&topic);
        let answer = call.send().await;
        let answer = answer.map_err(|error| CallError::new("sns:GetTopicAttributes", error));
        let stack = &self.aws.stack;
        let faults = self.existing(answer, |answer| faults(answer, &topic, stack));
        for fault in faults.unwrap_or_default() {
            self.fault(&topic, fault);
        }
    }
}

fn faults(
    answer: Option<GetTopicAttributesOutput>,
    topic: &str,
    stack: &StackContext,
) -> Vec<String> {
    let Some(answer) = answer else {
        return vec!["the topic is gone, so that nobody is told anything".to_owned()];
    };
    let attributes = answer.attributes.unwrap_or_default();
    let policy = attributes.get("Policy").map(String::as_str);
    topic_policy_faults(policy, topic, stack)
}
