//! The functions: who may invoke them, and whether they may run at all.

use goldsmith_domain::deployment::{Function, function_policy_faults};

use super::Inspection;
use crate::fault::CallError;

impl Inspection<'_> {
    pub(super) async fn functions(&mut self) {
        for function in Function::ALL {
            let name = function.name(&self.aws.stack.environment);
            self.callers(function, &name).await;
            self.concurrency(&name).await;
        }
    }

    async fn callers(&mut self, function: Function, name: &str) {
        let call = self.aws.lambda.get_policy().function_name(name).send();
        let answer = call
            .await
            .map_err(|error| CallError::new("lambda:GetPolicy", error));
        let (bucket, stack) = (&self.aws.resources.document_bucket, &self.aws.stack);
        let faults = self.existing(answer, |answer| {
            let policy = answer.and_then(|answer| answer.policy);
            function_policy_faults(policy.as_deref(), function, bucket, stack)
        });
        for fault in faults.unwrap_or_default() {
            self.fault(name, fault);
        }
    }

    /// A reserved concurrency of zero turns a function off (Lambda developer guide, "Configuring reserved
    /// concurrency").
    async fn concurrency(&mut self, name: &str) {
        let call = self.aws.lambda.get_function_concurrency();
        let answer = call
            .function_name(name)
            .send()
            .await
            .map_err(|error| CallError::new("lambda:GetFunctionConcurrency", error));
        let answer = self.allowed(answer);
        let reserved = answer.and_then(|answer| answer.reserved_concurrent_executions);
        if reserved == Some(0) {
            self.fault(name, "its reserved concurrency is 0, so that it never runs");
        }
    }
}
