//! What an AMI goes through after it was made: deprecation, disabling, deregistration. Callable
//! without a request, because lifecycle policies do it, too.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::{
    common::{
        ec2_error::{client_error, unknown_image},
        error::ApiError,
    },
    records::ec2::ami::{Ami, AmiState},
    state::ec2::Ec2,
};

/// What became of a snapshot of a deregistered AMI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotDeletion {
    /// Its id.
    pub snapshot: String,
    /// Whether it was deleted; it is kept while another AMI is made of it.
    pub deleted: bool,
}

impl Ec2 {
    /// Removes an AMI, and if asked its snapshots; answers what became of each of these.
    /// Refused for an AMI that does not exist or is protected from it.
    pub fn deregister(
        &mut self,
        id: &str,
        with_snapshots: bool,
        now: Timestamp,
    ) -> Result<Vec<SnapshotDeletion>, ApiError> {
        let ami = self.amis.get(id).ok_or_else(|| unknown_image(id))?;
        if ami.protection.holds(now) {
            return Err(protected(id));
        }
        let removed = self.amis.remove(id);
        if let Some(ami) = &removed {
            self.note(ami, "deregistered");
        }
        let removed = removed.filter(|_| with_snapshots);
        let snapshots: Vec<String> = removed
            .iter()
            .flat_map(Ami::snapshots)
            .map(str::to_owned)
            .collect();
        Ok(snapshots
            .into_iter()
            .map(|snapshot| self.delete_unused(snapshot))
            .collect())
    }

    /// Sets when an AMI becomes deprecated, to the nearest minute as EC2 does. Whether the time is
    /// allowed is for EnableImageDeprecation to check.
    pub fn deprecate(&mut self, id: &str, at: Timestamp) -> Result<(), ApiError> {
        let minute = TimestampRound::new()
            .smallest(Unit::Minute)
            .mode(RoundMode::HalfExpand);
        self.ami_mut(id)?.deprecated = Some(at.round(minute).unwrap_or(at));
        Ok(())
    }

    /// Takes the deprecation back; nothing happens to an AMI that has none.
    pub fn undeprecate(&mut self, id: &str) -> Result<(), ApiError> {
        self.ami_mut(id)?.deprecated = None;
        Ok(())
    }

    /// Disables an AMI: nobody can launch it, and all launch permissions are gone for good.
    pub fn disable(&mut self, id: &str) -> Result<(), ApiError> {
        let ami = self.ami_mut(id)?;
        ami.state = AmiState::Disabled;
        ami.permissions.clear();
        let ami = ami.clone();
        self.note(&ami, "disabled");
        Ok(())
    }

    /// Enables a disabled AMI; its launch permissions do not come back.
    pub fn enable(&mut self, id: &str) -> Result<(), ApiError> {
        let ami = self.ami_mut(id)?;
        ami.state = AmiState::Available;
        let ami = ami.clone();
        self.note(&ami, "available");
        Ok(())
    }

    fn delete_unused(&mut self, snapshot: String) -> SnapshotDeletion {
        let deleted = self.user_of(&snapshot).is_none();
        if deleted {
            self.snapshots.remove(snapshot.as_str());
        }
        SnapshotDeletion { snapshot, deleted }
    }
}

/// The code is a client error code of EC2's; the text is not recorded anywhere.
fn protected(id: &str) -> ApiError {
    client_error(
        "OperationNotPermitted",
        format!("The image '{id}' is protected from deregistration."),
    )
}
