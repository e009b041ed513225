//! The events and messages that the emulator publishes.

pub(crate) mod kinds;
pub(crate) mod topic;

use jiff::Timestamp;

use crate::{engine::events::kinds::AmiChange, records::notification::Notification, state::State};

/// Publishes what has become of AMIs, as EC2 does.
pub(crate) fn publish_ami_changes(state: &mut State, at: Timestamp) {
    for change in state.ec2.take_changes() {
        let event = AmiChange {
            image: &change.id,
            account: &change.owner,
            region: &change.region,
            state: &change.state,
            at,
        };
        state.publish(Notification::Event(event.event()));
    }
}
