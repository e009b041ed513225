//! The role that build instances run with.

use super::Inspection;

/// The one policy that infra/template.yaml writes into the role.
const POLICY: &str = "build";

impl Inspection<'_> {
    /// Another role in the profile is what every build's root may do from then on.
    pub(super) async fn instance_profile(&mut self) {
        let profile = self.aws.stack.instance_profile.clone();
        let answer = self.aws.iam.profile_roles(&profile).await;
        let roles = self.existing(answer, Option::unwrap_or_default);
        let Some(roles) = roles else {
            return;
        };
        let wanted = self.aws.resources.instance_role.clone();
        match roles.first() {
            None => self.fault(
                &profile,
                "the profile has no role, so that builds cannot start",
            ),
            Some(role) if wanted.as_ref().is_some_and(|wanted| wanted != role) => {
                self.fault(&profile, format!("its role is {role}, not the stack's"));
            }
            Some(role) => self.policies_of_builds(role).await,
        }
    }

    /// A component runs as root with this role, so that whatever the role may do, a document may do. The text of
    /// the stack's own policy is not compared: that would take a third call, and what CloudFormation made of it.
    async fn policies_of_builds(&mut self, role: &str) {
        let name = role.rsplit('/').next().unwrap_or_default();
        let attached = self.aws.iam.attached_policies(name).await;
        let attached = self.allowed(attached).unwrap_or_default();
        let inline = self.aws.iam.inline_policies(name).await;
        let inline = self.allowed(inline).unwrap_or_default();
        let others = inline.into_iter().filter(|policy| policy != POLICY);
        for policy in attached.into_iter().chain(others) {
            let fault = format!(
                "it has the policy {policy} as well, and every build may do what that allows"
            );
            self.fault(role, fault);
        }
    }
}
