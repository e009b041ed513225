//! Changes of AMIs that EC2 tells of: they became available, disabled or deregistered.

use serde::{Deserialize, Serialize};

use super::{Ami, Ec2};

/// A change that nobody has been told of yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AmiChanged {
    pub id: String,
    pub owner: String,
    pub region: String,
    /// `available`, `disabled` or `deregistered`
    pub state: String,
}

impl Ec2 {
    /// Stores a new AMI, which is available at once.
    pub fn add_ami(&mut self, ami: Ami) {
        self.note(&ami, "available");
        self.amis.insert(ami.id.clone(), ami);
    }

    /// Notes that an AMI has entered a state.
    pub(super) fn note(&mut self, ami: &Ami, state: &str) {
        let (id, owner, region) = (ami.id.clone(), ami.owner.clone(), ami.region.clone());
        self.changes.push(AmiChanged {
            id: id.to_string(),
            owner: owner.to_string(),
            region: region.to_string(),
            state: state.to_owned(),
        });
    }

    /// The changes since the last time.
    pub fn take_changes(&mut self) -> Vec<AmiChanged> {
        std::mem::take(&mut self.changes)
    }
}
