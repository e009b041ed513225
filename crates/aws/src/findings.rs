//! What Amazon Inspector found on an image, as Image Builder keeps it.
//!
//! Findings describe what other people's components installed. So a number of pages is read, and that there are more is
//! said.

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::results::{Finding, Scan, VulnerablePackage};

use crate::Aws;
use crate::fault::CallError;

/// How many pages are read, of 25 findings each (API reference, `ListImageScanFindings`).
const MOST_PAGES: usize = 80;

/// How far the scan of an image is, with what it found.
///
/// Findings are listed only once the scan is over: before, an empty list would look like a clean image. Errors: what
/// Image Builder answers.
pub async fn scan_of(aws: &Aws, image: &ImageArn) -> Result<Scan, CallError> {
    const OPERATION: &str = "imagebuilder:GetImage";
    let call = aws.imagebuilder.get_image();
    let answer = call.image_build_version_arn(image.to_string()).send().await;
    let answer = answer.map_err(|error| CallError::new(OPERATION, error))?;
    let state = answer.image().and_then(ib::Image::scan_state);
    let Some(status) = state.and_then(ib::ImageScanState::status) else {
        return Ok(Scan::Missing);
    };
    let reason = state.and_then(ib::ImageScanState::reason);
    match status.as_str() {
        "COMPLETED" => findings(aws, image).await,
        running @ ("PENDING" | "SCANNING" | "COLLECTING") => Ok(Scan::Running(running.to_owned())),
        ended => Ok(Scan::Failed {
            state: ended.to_owned(),
            reason: reason.unwrap_or_default().to_owned(),
        }),
    }
}

async fn findings(aws: &Aws, image: &ImageArn) -> Result<Scan, CallError> {
    let filter = ib::ImageScanFindingsFilter::builder()
        .name("imageBuildVersionArn")
        .values(image.to_string())
        .build();
    let (mut findings, mut token) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let call = aws.imagebuilder.list_image_scan_findings();
        let call = call.filters(filter.clone()).set_next_token(token);
        let page = call.send().await;
        let page =
            page.map_err(|error| CallError::new("imagebuilder:ListImageScanFindings", error))?;
        findings.extend(page.findings().iter().map(finding));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let is_whole = token.is_none();
    Ok(Scan::Over { findings, is_whole })
}

fn finding(finding: &ib::ImageScanFinding) -> Finding {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let details = finding.package_vulnerability_details();
    let packages = details.map(ib::PackageVulnerabilityDetails::vulnerable_packages);
    Finding {
        vulnerability: details
            .map_or_else(String::new, |details| details.vulnerability_id().to_owned()),
        title: text(finding.title()),
        severity: text(finding.severity()),
        // `PARTIAL` is a fix for some of the packages (API reference, `ImageScanFinding`).
        has_fix: matches!(finding.fix_available(), Some("YES" | "PARTIAL")),
        packages: packages.unwrap_or_default().iter().map(package).collect(),
    }
}

fn package(package: &ib::VulnerablePackage) -> VulnerablePackage {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    VulnerablePackage {
        name: text(package.name()),
        version: text(package.version()),
        fixed_in: text(package.fixed_in_version()),
    }
}
