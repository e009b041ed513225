//! What a role's policies allow, as IAM simulates it.

use goldsmith_domain::names::{KeyArn, RoleArn};
use serde::Deserialize;

use super::Client;
use crate::fault::CallError;
use crate::query::encoded;

impl Client {
    /// Those of `actions` on `key` that the policies of `role` do not allow when EC2 asks for it.
    /// Boundaries count, and so do the organization's policies; the key's own policy is not given, and does
    /// not count (IAM API reference, `SimulatePrincipalPolicy`).
    pub(crate) async fn not_allowed(
        &self,
        role: &RoleArn,
        key: &KeyArn,
        actions: &[&str],
    ) -> Result<Vec<String>, CallError> {
        let region = key.region();
        let via = region.map_or_else(String::new, |region| region.service("ec2"));
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
        Ok(answer.not_allowed(actions))
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
struct Evaluation {
    #[serde(rename = "EvalActionName")]
    action: String,
    #[serde(rename = "EvalDecision")]
    decision: String,
    /// By kind of policy; only there if role and resource are of two accounts.
    #[serde(rename = "EvalDecisionDetails", default)]
    details: Details,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    #[serde(rename = "entry", default)]
    entries: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
struct Detail {
    value: String,
}

impl Simulation {
    /// Those of `asked` that are not told to be allowed.
    fn not_allowed(&self, asked: &[&str]) -> Vec<String> {
        let results = &self.result.results.items;
        let allowed = |action: &str| {
            let mut of_action = results.iter().filter(|one| one.action == action);
            of_action.any(Evaluation::is_allowed_by_the_role)
        };
        let missing = asked.iter().filter(|action| !allowed(action));
        missing.map(|&action| action.to_owned()).collect()
    }
}

impl Evaluation {
    /// Between two accounts the whole is allowed only if both sides allow it. Nobody gave the key's side, so
    /// that whatever allows is of the role's (IAM API reference, `EvaluationResult`).
    fn is_allowed_by_the_role(&self) -> bool {
        let mut details = self.details.entries.iter();
        let denies = self.decision == "explicitDeny";
        let allows = |decision: &str| decision == "allowed";
        !denies && (allows(&self.decision) || details.any(|one| allows(&one.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(action: &str, decision: &str, details: &[&str]) -> String {
        let entry = |value: &&str| format!("<entry><key>k</key><value>{value}</value></entry>");
        let details: Vec<String> = details.iter().map(entry).collect();
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision><MatchedStatements/>\
             <EvalDecisionDetails>{}</EvalDecisionDetails></member>",
            details.concat()
        )
    }

    fn missing(members: &[String]) -> Vec<String> {
        let answer = format!(
            "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
             <EvaluationResults>{}</EvaluationResults></SimulatePrincipalPolicyResult>\
             </SimulatePrincipalPolicyResponse>",
            members.concat()
        );
        let read: Simulation = quick_xml::de::from_str(&answer).expect("an answer");
        read.not_allowed(&["kms:Decrypt"])
    }

    /// The shape is that of the example in the API reference, the details those of its `EvaluationResult`.
    #[test]
    fn an_action_is_allowed_if_the_side_of_the_role_says_so() {
        for (decision, details, allowed) in [
            ("allowed", &[][..], true),
            ("implicitDeny", &["allowed", "implicitDeny"], true),
            ("implicitDeny", &["implicitDeny", "implicitDeny"], false),
            ("explicitDeny", &["allowed", "explicitDeny"], false),
            ("implicitDeny", &[], false),
            ("explicitDeny", &[], false),
        ] {
            let told = missing(&[member("kms:Decrypt", decision, details)]);
            assert_eq!(told.is_empty(), allowed, "{decision} {details:?}");
        }
    }

    #[test]
    fn what_nothing_is_told_of_is_not_allowed() {
        assert_eq!(missing(&[]), ["kms:Decrypt"]);
        assert_eq!(
            missing(&[member("kms:Encrypt", "allowed", &[])]),
            ["kms:Decrypt"]
        );
    }
}
