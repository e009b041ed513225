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
    /// copies have to be made first, or consumers be asked. Whoever reads what is published finds all copies there.
    ///
    /// For any other cause, nobody but reconcile looks.
    pub fn of_ended_image(desired: &Desired, stack: &StackContext) -> Self {
        if wants_copies(desired, stack) || desired.require.is_some() {
            Self::Reconcile
        } else {
            Self::ImageEvents
        }
    }
}
