//! What a role's policies allow, as IAM simulates it.

use goldsmith_domain::names::{KeyArn, RoleArn};
use serde::Deserialize;

use super::Client;
use crate::fault::CallError;
use crate::query::encoded;

impl Client {
    /// Those of `actions` on `key` that the policies of `role` do not allow when EC2 asks for it.
    /// Boundaries count, and so do the organization's policies; the key's own does not
    /// (IAM API reference, `SimulatePrincipalPolicy`).
    pub(crate) async fn not_allowed(
        &self,
        role: &RoleArn,
        key: &KeyArn,
        actions: &[&str],
    ) -> Result<Vec<String>, CallError> {
        let region = key.region();
        let via = region.map_or_else(String::new, |region| format!("ec2.{region}.amazonaws.com"));
        let asked = (1..)
            .zip(actions)
            .map(|(n, action)| format!("&ActionNames.member.{n}={}", encoded(action)));
        let body = format!(
            "&PolicySourceArn={}&ResourceArns.member.1={}{}{}{}",
            encoded(role.as_str()),
            encoded(key.as_str()),
            asked.collect::<Vec<_>>().concat(),
            context(1, "kms:ViaService", "string", &via),
            context(2, "kms:GrantIsForAWSResource", "boolean", "true"),
        );
        let answer: Simulation = self
            .query
            .answer("iam:SimulatePrincipalPolicy", body)
            .await?;
        Ok(answer.not_allowed())
    }
}

/// An item of `ContextEntries`.
fn context(n: usize, key: &str, kind: &str, value: &str) -> String {
    let entry = format!("&ContextEntries.member.{n}");
    format!(
        "{entry}.ContextKeyName={}{entry}.ContextKeyType={kind}{entry}.ContextKeyValues.member.1={}",
        encoded(key),
        encoded(value)
    )
}

/// `SimulatePrincipalPolicyResponse`, as far as decisions go.
#[derive(Debug, Deserialize)]
struct Simulation {
    #[serde(rename = "SimulatePrincipalPolicyResult")]
    result: SimulationResult,
}

#[derive(Debug, Deserialize)]
struct SimulationResult {
    #[serde(rename = "EvaluationResults", default)]
    results: Results,
}

#[derive(Debug, Default, Deserialize)]
struct Results {
    #[serde(rename = "member", default)]
    items: Vec<Evaluation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Evaluation {
    eval_action_name: String,
    eval_decision: String,
}

impl Simulation {
    fn not_allowed(self) -> Vec<String> {
        let results = self.result.results.items.into_iter();
        results
            .filter(|one| one.eval_decision != "allowed")
            .map(|one| one.eval_action_name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shape is that of the example in the API reference.
    #[test]
    fn what_is_denied_explicitly_or_not_mentioned_is_not_allowed() {
        let member = |action: &str, decision: &str| {
            format!(
                "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
                 <EvalDecision>{decision}</EvalDecision><MatchedStatements/></member>"
            )
        };
        let members = [
            member("kms:Decrypt", "allowed"),
            member("kms:CreateGrant", "implicitDeny"),
            member("kms:DescribeKey", "explicitDeny"),
        ];
        let answer = format!(
            "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
             <EvaluationResults>{}</EvaluationResults></SimulatePrincipalPolicyResult>\
             </SimulatePrincipalPolicyResponse>",
            members.concat()
        );
        let read: Simulation = quick_xml::de::from_str(&answer).expect("an answer");
        assert_eq!(read.not_allowed(), ["kms:CreateGrant", "kms:DescribeKey"]);
    }
}
