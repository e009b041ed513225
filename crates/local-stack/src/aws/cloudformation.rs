//! `CloudFormation`: deploying a packaged template and reading what it made.

use std::time::Duration;

use serde::Deserialize;

use super::{Aws, CallError};

const VERSION: &str = "2010-05-15";

/// How often a stack's status is asked for.
const POLL: Duration = Duration::from_millis(100);

/// A stack's output.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Output {
    /// The logical name.
    pub output_key: String,
    /// The value.
    pub output_value: String,
}

/// The template could not be deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A call of `CloudFormation` failed.
    #[error("cloudformation could not be asked to deploy {0}")]
    Call(String, #[source] CallError),
    /// A resource could not be made.
    #[error("stack {stack} ended in {status}: {}", .events.join("; "))]
    Failed {
        /// The stack's name.
        stack: String,
        /// The status it ended in.
        status: String,
        /// What failed first, and why.
        events: Vec<String>,
    },
}

#[derive(Deserialize)]
struct Members<T> {
    #[serde(rename = "member", default = "Vec::new")]
    members: Vec<T>,
}

#[derive(Deserialize)]
struct Described {
    #[serde(rename = "DescribeStacksResult")]
    result: DescribedResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedResult {
    stacks: Members<Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stack {
    stack_status: String,
    outputs: Option<Members<Output>>,
}

#[derive(Deserialize)]
struct Events {
    #[serde(rename = "DescribeStackEventsResult")]
    result: EventsResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventsResult {
    stack_events: Members<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    logical_resource_id: String,
    resource_status: String,
    resource_status_reason: Option<String>,
}

/// Parameters as the Query protocol has them.
fn members(given: &[(String, String)]) -> Vec<(String, &str)> {
    let numbered = given.iter().zip(1..);
    numbered
        .flat_map(|((key, value), number)| {
            let member = format!("Parameters.member.{number}");
            [
                (format!("{member}.ParameterKey"), key.as_str()),
                (format!("{member}.ParameterValue"), value.as_str()),
            ]
        })
        .collect()
}

impl Aws {
    /// Creates the stack `name` from the template at an S3 URL with these parameters, waits for it and
    /// returns its outputs.
    pub(crate) async fn deploy(
        &self,
        name: &str,
        template: &str,
        given: &[(String, String)],
    ) -> Result<Vec<Output>, DeployError> {
        let asking = |error| DeployError::Call(name.to_owned(), error);
        let given = members(given);
        let mut parameters = vec![
            ("StackName", name),
            ("TemplateURL", template),
            ("Capabilities.member.1", "CAPABILITY_IAM"),
            ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
        ];
        parameters.extend(given.iter().map(|(key, value)| (key.as_str(), *value)));
        self.query("cloudformation", "CreateStack", VERSION, &parameters)
            .await
            .map_err(asking)?;
        let stack = self.settled(name).await.map_err(asking)?;
        if stack.stack_status == "CREATE_COMPLETE" {
            return Ok(stack
                .outputs
                .map(|outputs| outputs.members)
                .unwrap_or_default());
        }
        let events = self.failures(name).await.map_err(asking)?;
        Err(DeployError::Failed {
            stack: name.to_owned(),
            status: stack.stack_status,
            events,
        })
    }

    /// Deletes the stack `name` and waits until it is gone; what its template retains stays.
    pub(crate) async fn delete_stack(&self, name: &str) -> Result<(), DeployError> {
        let asking = |error| DeployError::Call(name.to_owned(), error);
        let named = [("StackName", name)];
        let deleted = self.query("cloudformation", "DeleteStack", VERSION, &named);
        deleted.await.map_err(asking)?;
        loop {
            match self.described(name).await {
                // Of a name alone the service tells what is there.
                Err(_) => return Ok(()),
                Ok(stack) if stack.stack_status == "DELETE_COMPLETE" => return Ok(()),
                Ok(stack) if stack.stack_status == "DELETE_FAILED" => {
                    return Err(DeployError::Failed {
                        stack: name.to_owned(),
                        status: stack.stack_status,
                        events: self.failures(name).await.map_err(asking)?,
                    });
                }
                Ok(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    async fn settled(&self, name: &str) -> Result<Stack, CallError> {
        loop {
            let stack = self.described(name).await?;
            if !stack.stack_status.ends_with("_IN_PROGRESS") {
                return Ok(stack);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn described(&self, name: &str) -> Result<Stack, CallError> {
        let answer = self
            .query(
                "cloudformation",
                "DescribeStacks",
                VERSION,
                &[("StackName", name)],
            )
            .await?;
        let described: Described = answer.xml()?;
        let stack = described.result.stacks.members.into_iter().next();
        stack.ok_or_else(|| answer.unreadable(&"no stack in it"))
    }

    /// What failed, oldest first: the first is the cause, the others are its consequences.
    async fn failures(&self, name: &str) -> Result<Vec<String>, CallError> {
        let answer = self
            .query(
                "cloudformation",
                "DescribeStackEvents",
                VERSION,
                &[("StackName", name)],
            )
            .await?;
        let events: Events = answer.xml()?;
        let failed = events.result.stack_events.members.into_iter().rev();
        let failed = failed.filter(|event| event.resource_status.ends_with("_FAILED"));
        Ok(failed.map(|event| event.to_string()).collect())
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reason = self
            .resource_status_reason
            .as_deref()
            .unwrap_or("no reason given");
        write!(
            f,
            "{} {}, {reason}",
            self.logical_resource_id, self.resource_status
        )
    }
}
