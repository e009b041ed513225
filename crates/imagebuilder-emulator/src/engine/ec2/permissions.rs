//! Launch permissions that are added to AMIs, and those that EC2 refuses.

use crate::{
    common::{ec2_error::client_error, error::ApiError},
    records::ec2::{
        ami::{Ami, AmiState, LaunchPermission},
        snapshot::Snapshot,
    },
    state::ec2::Ec2,
};

impl Ec2 {
    /// Adds launch permissions to an AMI. A public AMI becomes deprecated two years after its
    /// creation at the latest (User Guide, "Deprecate an Amazon EC2 AMI").
    pub fn share(&mut self, id: &str, add: Vec<LaunchPermission>) -> Result<(), ApiError> {
        if add.is_empty() {
            return Ok(());
        }
        self.check_share(id, &add)?;
        let ami = self.ami_mut(id)?;
        ami.permissions.extend(add);
        if ami.is_public() {
            let limit = ami.latest_public_deprecation();
            ami.deprecated = Some(ami.deprecated.map_or(limit, |at| at.min(limit)));
        }
        Ok(())
    }

    fn check_share(&self, id: &str, add: &[LaunchPermission]) -> Result<(), ApiError> {
        let Some(ami) = self.amis.get(id) else {
            return Ok(());
        };
        if ami.state == AmiState::Disabled {
            return Err(client_error(
                "InvalidAMIID.Unavailable",
                format!("The image ID '{id}' is disabled"),
            ));
        }
        if self.snapshots_of(ami).any(Snapshot::has_default_key) {
            // Seen in the wild (packer, issue 7410; stratus-red-team, issue 109).
            let message = "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.";
            return Err(client_error("InvalidParameter", message));
        }
        if add.contains(&LaunchPermission::All) {
            self.check_public(ami)
        } else {
            Ok(())
        }
    }

    /// An AMI stays private if its account blocks public access, if its snapshots are encrypted, or
    /// if it has a product code. Only the first text is recorded.
    fn check_public(&self, ami: &Ami) -> Result<(), ApiError> {
        if self.blocks_public_access(&ami.owner, &ami.region) {
            let message = "You can’t publicly share this image because block public access for AMIs is \
                           enabled for this account. To publicly share the image, you must call the \
                           DisableImageBlockPublicAccess API.";
            return Err(client_error("OperationNotPermitted", message));
        }
        if self.snapshots_of(ami).any(|snapshot| snapshot.encrypted) {
            let message = "Images with encrypted snapshots cannot be made public.";
            return Err(client_error("OperationNotPermitted", message));
        }
        if !ami.product_codes.is_empty() {
            let message = "Images with an AWS Marketplace product code cannot be made public.";
            return Err(client_error("OperationNotPermitted", message));
        }
        Ok(())
    }
}
