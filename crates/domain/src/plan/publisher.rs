//! Who publishes an image.

use super::view::wants_copies;
use crate::desired::Desired;
use crate::stack::StackContext;

/// Who publishes an image's AMIs. Two publishers would only race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// The function that hears of every image that ends.
    ImageEvents,
    /// The function that brings the world to what the documents say.
    Reconcile,
}

impl Publisher {
    /// Who publishes an image whose end both functions hear of: image-events, which is faster, unless
    /// copies have to be made first, consumers be asked, or the image be given the day on which it expires. Whoever
    /// reads what is published finds all of that there.
    ///
    /// For any other cause, nobody but reconcile looks.
    pub fn of_ended_image(desired: &Desired, stack: &StackContext) -> Self {
        if wants_copies(desired, stack) || desired.require.is_some() || expires(desired) {
            Self::Reconcile
        } else {
            Self::ImageEvents
        }
    }
}

/// Whether an image of the documents expires.
fn expires(desired: &Desired) -> bool {
    let of_entries = desired.recipes.iter().map(|entry| &entry.life);
    let mut all = of_entries.chain([&desired.life]);
    all.any(|life| life.expiry.is_some())
}
