//! The scan of an image, and its event. Nothing is scanned: the findings are the seeded ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    engine::events::kinds::CveDetected,
    records::{
        failure::Failure,
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

/// Whether the AMI is scanned, and not the test instance. EC2 shows what is found, by GetImageFindings, and Image
/// Builder's lists do not have it.
fn is_on_demand(image: &Image) -> bool {
    image
        .scanning
        .as_ref()
        .is_some_and(|scanning| scanning["imageScanningTypes"][0] == "ON_DEMAND_AMI_CVE")
}

/// Severities that `maximumSeverityLabel` can name, and the one above them (API reference, `ScanResultCondition`).
const SEVERITIES: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// Why the tests of an image fail although every one passed: the scan of its AMI found something worse than the
/// condition accepts. By default only findings with a fix count (API reference, `ScanResultCondition`).
pub(crate) fn failure(state: &State, image: &Image) -> Option<Failure> {
    if image.status != ImageStatus::Testing || !is_wanted(image) || !is_on_demand(image) {
        return None;
    }
    let condition = image.scanning.as_ref()?.get("scanResultCondition")?;
    let rank = |severity: &str| SEVERITIES.iter().position(|known| *known == severity);
    let highest = condition["maximumSeverityLabel"].as_str()?;
    let only_with_fix = condition["fixAvailable"] != false;
    let slug = &image.recipe.arn.slug;
    let findings = state.scans.findings.iter().filter(|seed| seed.is_in(slug));
    let counted = findings.filter(|seed| seed.fixed_in.is_some() || !only_with_fix);
    let exceeding = counted.filter(|seed| rank(&seed.severity) > rank(highest));
    let count = exceeding.count();
    let message = format!(
        "The scan of the output AMI has {count} findings that are more severe than {highest}."
    );
    (count > 0).then(|| Failure::of_step(image, message))
}

/// An image enters a state: if its tests are over, so is its scan.
///
/// The User Guide's example of the event has zero for every count, so we send it without
/// findings, too.
pub(crate) fn ended(state: &mut State, image: &Image, previous: ImageStatus, at: Timestamp) {
    let stopped = matches!(image.status, ImageStatus::Failed | ImageStatus::Cancelled);
    if previous != ImageStatus::Testing || stopped || !is_wanted(image) || is_on_demand(image) {
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
