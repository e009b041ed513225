//! The role that build instances run with.

use super::Inspection;

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
            Some(_) => {}
        }
    }
}
