//! What the server needs of the emulator: ticks, notifications to deliver, and the count of changes.

use std::sync::atomic::Ordering;

use super::Emulator;
use crate::{outbound::delivery::Delivery, records::notification::Notification};

impl Emulator {
    /// How often the state may have changed so far.
    pub(crate) fn changes(&self) -> u64 {
        self.world().changes()
    }

    /// Carries out what is due.
    pub(crate) fn tick(&self) {
        self.world().tick();
    }

    /// Carries out what is due, and takes what is to be delivered; [`delivered`](Self::delivered) is to
    /// follow for each.
    pub(crate) fn take_for_delivery(&self) -> Vec<Notification> {
        // Counted while the world is locked: nothing is on the way from one place to the other.
        self.taken(|notifications| {
            self.0
                .delivering
                .fetch_add(notifications.len(), Ordering::Relaxed);
        })
    }

    /// The delivery of one notification has ended.
    pub(crate) fn delivered(&self) {
        self.0.delivering.fetch_sub(1, Ordering::Relaxed);
    }

    /// Who delivers, if there is an endpoint.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        self.0.outbound.delivery()
    }
}
