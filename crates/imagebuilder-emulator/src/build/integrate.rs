//! INTEGRATING: what is done with the AMIs once they are where they are to be.
//!
//! Launch templates, parameters, licenses, fast launch and exports belong here. A distribution
//! configuration with any of them is refused, so that there is nothing to do yet.

use jiff::Timestamp;
use serde_json::Value;

use super::failure::Failure;
use crate::{resources::image::Image, state::State};

/// Applies the configurations of every Region: those that a workflow's step names as its input
/// `configurations`, or else those of the image's distribution configuration.
///
/// Called at the end of INTEGRATING, or of the step ApplyImageConfigurations.
#[allow(clippy::unnecessary_wraps, reason = "what comes here can fail in some Region")]
pub(super) fn apply(
    _state: &mut State,
    _image: &Image,
    _configurations: Option<&Value>,
    _at: Timestamp,
) -> Result<(), Failure> {
    Ok(())
}
