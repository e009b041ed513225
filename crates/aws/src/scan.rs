//! Scans by Amazon Inspector: as a pipeline is given them, and as it says them.

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::scan::{HighestSeverity, ImageScan, ScanCondition};

/// What a pipeline is given so that its images are scanned.
pub(crate) fn configuration(scan: ImageScan) -> ib::ImageScanningConfiguration {
    let (kind, condition) = match scan {
        ImageScan::TestInstance => (ib::ImageScanningType::TestInstanceCve, None),
        ImageScan::Ami(condition) => (ib::ImageScanningType::OnDemandAmiCve, condition),
    };
    ib::ImageScanningConfiguration::builder()
        .image_scanning_enabled(true)
        .image_scanning_types(kind)
        .set_scan_result_condition(condition.map(result_condition))
        .build()
}

fn result_condition(condition: ScanCondition) -> ib::ScanResultCondition {
    let built = ib::ScanResultCondition::builder()
        .maximum_severity_label(label(condition.highest))
        // Said in any case: without it the service leaves out findings that have no fix.
        .fix_available(condition.only_with_fix)
        .build();
    built.unwrap_or_else(|error| unreachable!("the one required member is there: {error}"))
}

fn label(severity: HighestSeverity) -> ib::MaximumSeverityLabel {
    match severity {
        HighestSeverity::Info => ib::MaximumSeverityLabel::Informational,
        HighestSeverity::Low => ib::MaximumSeverityLabel::Low,
        HighestSeverity::Medium => ib::MaximumSeverityLabel::Medium,
        HighestSeverity::High => ib::MaximumSeverityLabel::High,
    }
}

/// What a pipeline says of scans, in the words of a plan; nothing if its images are not scanned.
pub(crate) fn told(pipeline: &ib::ImagePipeline) -> Option<String> {
    let configuration = pipeline.image_scanning_configuration()?;
    if configuration.image_scanning_enabled() != Some(true) {
        return None;
    }
    let scan = scan(configuration).map(|scan| scan.to_string());
    Some(scan.unwrap_or_else(|| "of a kind that goldsmith does not know".to_owned()))
}

/// The scan of an AMI that a pipeline asks for; none if it asks for more than we know.
fn scan(configuration: &ib::ImageScanningConfiguration) -> Option<ImageScan> {
    let condition = match configuration.scan_result_condition() {
        Some(condition) => Some(condition_of(condition)?),
        None => None,
    };
    match (configuration.image_scanning_types(), condition) {
        // The service's default (API reference, `imageScanningTypes`).
        ([] | [ib::ImageScanningType::TestInstanceCve], None) => Some(ImageScan::TestInstance),
        ([ib::ImageScanningType::OnDemandAmiCve], condition) => Some(ImageScan::Ami(condition)),
        _ => None,
    }
}

fn condition_of(condition: &ib::ScanResultCondition) -> Option<ScanCondition> {
    let said = condition.maximum_severity_label();
    let mut known = HighestSeverity::ALL.into_iter();
    let highest = known.find(|severity| label(*severity) == *said)?;
    Some(ScanCondition {
        highest,
        // The service's default (API reference, `fixAvailable`).
        only_with_fix: condition.fix_available().unwrap_or(true),
    })
}
