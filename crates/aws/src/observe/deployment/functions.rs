//! The functions: who may invoke them, and whether they may run at all.

use goldsmith_domain::deployment::{Function, function_policy_faults};

use super::Inspection;

impl Inspection<'_> {
    pub(super) async fn function(&mut self, function: Function) {
        let name = function.name(&self.aws.stack.environment);
        self.callers(function, &name).await;
        self.concurrency(&name).await;
    }

    async fn callers(&mut self, function: Function, name: &str) {
        let answer = self.aws.lambda.policy(name).await;
        let (bucket, stack) = (&self.aws.resources.document_bucket, &self.aws.stack);
        let faults = self.existing(answer, |answer| {
            let policy = answer.flatten();
            function_policy_faults(policy.as_deref(), function, bucket, stack)
        });
        for fault in faults.unwrap_or_default() {
            self.fault(name, fault);
        }
    }

    /// A reserved concurrency of zero turns a function off (Lambda developer guide, "Configuring reserved
    /// concurrency").
    async fn concurrency(&mut self, name: &str) {
        let answer = self.aws.lambda.concurrency(name).await;
        if self.allowed(answer).flatten() == Some(0) {
            self.fault(name, "its reserved concurrency is 0, so that it never runs");
        }
    }
}
