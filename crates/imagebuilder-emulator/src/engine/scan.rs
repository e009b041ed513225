//! The scan of an image, and its event. Nothing is scanned: the findings are the seeded ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    engine::events::kinds::CveDetected,
    records::{
        image::{Image, ImageStatus},
        notification::Notification,
        scan::{Scan, SeedFinding},
    },
    state::State,
};

/// Whether an image is to be scanned.
pub(crate) fn is_wanted(image: &Image) -> bool {
    image
        .scanning
        .as_ref()
        .is_some_and(|scanning| scanning["imageScanningEnabled"] == true)
}

/// An image enters a state: if its tests are over, so is its scan.
///
/// The User Guide's example of the event has zero for every count, so we send it without
/// findings, too.
pub(crate) fn ended(state: &mut State, image: &Image, previous: ImageStatus, at: Timestamp) {
    let stopped = matches!(image.status, ImageStatus::Failed | ImageStatus::Cancelled);
    if previous != ImageStatus::Testing || stopped || !is_wanted(image) {
        return;
    }
    let slug = &image.recipe.arn.slug;
    let findings: Vec<_> = state
        .scans
        .findings
        .iter()
        .filter(|seed| seed.is_in(slug))
        .cloned()
        .collect();
    let counts = counts(findings.iter());
    let pipeline = image.pipeline.as_ref().map(|source| source.arn.clone());
    let event = CveDetected {
        image: &image.arn,
        pipeline: pipeline.as_ref(),
        counts: &counts,
        at,
    }
    .event();
    state.scans.images.insert(
        image.arn.clone(),
        Scan {
            at,
            pipeline,
            findings,
        },
    );
    state.publish(Notification::Event(event));
}

/// How many findings there are, and of the three severities that are counted.
pub(crate) fn counts<'f>(findings: impl Iterator<Item = &'f SeedFinding>) -> Value {
    let mut counts = json!({"all": 0, "critical": 0, "high": 0, "medium": 0});
    for finding in findings {
        for key in ["all", &finding.severity.to_lowercase()] {
            if let Some(count) = counts.get(key).and_then(Value::as_u64) {
                counts[key] = (count + 1).into();
            }
        }
    }
    counts
}
