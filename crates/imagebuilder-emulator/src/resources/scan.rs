//! Image scanning: what Amazon Inspector finds on the test instance, and the packages of images.
//!
//! Nothing is scanned. The findings are those that were seeded; without seeds there are none.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer,
    image::{Image, ImageStatus, Origin},
};
use crate::{
    arn::{Arn, Kind},
    document::workflow::WorkflowKind,
    events::{CveDetected, Notice},
    operations::Handlers,
    paging::{self, Filtered, Filters},
    refusal::Refusal,
    request::Request,
    seed::{SeedFinding, SeedPackage},
    state::{self, State},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("ListImageScanFindings", list),
    ("ListImagePackages", list_packages),
];

/// What can be found, and what was found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Scans {
    /// What a scan finds from now on.
    pub findings: Vec<SeedFinding>,
    /// What the inventory of a build instance lists.
    pub packages: Vec<SeedPackage>,
    images: BTreeMap<Arn, Scan>,
}

/// The scan of an image build.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Scan {
    at: Timestamp,
    pipeline: Option<Arn>,
    findings: Vec<SeedFinding>,
}

/// One finding in one image.
pub(super) struct Finding<'s> {
    image: &'s Arn,
    scan: &'s Scan,
    seed: &'s SeedFinding,
}

/// Whether an image is to be scanned.
fn is_wanted(image: &Image) -> bool {
    image
        .scanning
        .as_ref()
        .is_some_and(|scanning| scanning["imageScanningEnabled"] == true)
}

/// Checks `imageScanningConfiguration`. On-demand scans of AMIs, whose findings EC2 shows, are not
/// emulated. Which codes AWS answers is not known.
pub(super) fn check(request: &Request<'_>) -> Result<(), Refusal> {
    let scanning = &request.input()["imageScanningConfiguration"];
    let on_demand = scanning["imageScanningTypes"][0] == "ON_DEMAND_AMI_CVE";
    if scanning.get("scanResultCondition").is_some() && !on_demand {
        let message = "scanResultCondition requires the image scanning type ON_DEMAND_AMI_CVE.";
        return Err(Refusal::combination(message));
    }
    if scanning["imageScanningEnabled"] != true {
        return Ok(());
    }
    if on_demand {
        return Err(Refusal::not_emulated(
            "the image scanning type 'ON_DEMAND_AMI_CVE'",
        ));
    }
    if request.input()["imageTestsConfiguration"]["imageTestsEnabled"] == false {
        return Err(Refusal::combination(
            "Image scanning requires image tests to be enabled.",
        ));
    }
    Ok(())
}

/// `scanState` of an image, if it is to be scanned. A scan runs while the tests do; without them,
/// or if they fail, it is abandoned.
pub(super) fn shown(image: &Image) -> Value {
    if image.origin != Origin::Built || !is_wanted(image) {
        return Value::Null;
    }
    let tested = image
        .executions
        .iter()
        .any(|execution| execution.kind == WorkflowKind::Test);
    let reached = image.stopped_in.unwrap_or(image.status);
    let status = match (image.status, reached) {
        (ImageStatus::Pending | ImageStatus::Creating | ImageStatus::Building, _) => "PENDING",
        (ImageStatus::Testing, _) => "SCANNING",
        (
            ImageStatus::Failed | ImageStatus::Cancelled,
            ImageStatus::Pending
            | ImageStatus::Creating
            | ImageStatus::Building
            | ImageStatus::Testing,
        ) => "ABANDONED",
        _ if tested => "COMPLETED",
        _ => "ABANDONED",
    };
    json!({"status": status})
}

/// An image enters a state: if its tests are over, so is its scan.
///
/// The User Guide's example of the event counts nought of everything, so that we send it without
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
    state.tell(Notice::Event(event));
}

/// How many findings there are, and of the three severities that are counted.
pub(super) fn counts<'f>(findings: impl Iterator<Item = &'f SeedFinding>) -> Value {
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

/// The findings in the caller's images that still exist, by image.
pub(super) fn findings<'r>(request: &'r Request<'_>) -> Vec<Finding<'r>> {
    let State { scans, images, .. } = &*request.state;
    let own = request.own(Kind::Image, "");
    let scans = scans.images.range(&own..).take_while(|(arn, _)| {
        arn.kind == own.kind && arn.account == own.account && arn.region == own.region
    });
    let existing = scans.filter(|(arn, _)| images.contains_key(arn));
    existing
        .flat_map(|(image, scan)| {
            scan.findings
                .iter()
                .map(move |seed| Finding { image, scan, seed })
        })
        .collect()
}

impl Filtered for Finding<'_> {
    const FILTERS: &'static [&'static str] = &[
        "imageBuildVersionArn",
        "imagePipelineArn",
        "vulnerabilityId",
        "severity",
    ];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        match filter {
            "imageBuildVersionArn" => vec![self.image.to_string().into()],
            "imagePipelineArn" => self
                .scan
                .pipeline
                .iter()
                .map(|arn| arn.to_string().into())
                .collect(),
            "vulnerabilityId" => vec![Cow::from(&self.seed.vulnerability_id)],
            "severity" => vec![Cow::from(&self.seed.severity)],
            _ => Vec::new(),
        }
    }
}

impl<'s> Finding<'s> {
    pub fn seed(&self) -> &'s SeedFinding {
        self.seed
    }

    fn view(&self) -> Value {
        let SeedFinding {
            vulnerability_id: id,
            package,
            fixed_in,
            ..
        } = self.seed;
        let title = self
            .seed
            .title
            .clone()
            .unwrap_or_else(|| format!("{id} - {}", package.name));
        json!({
            "awsAccountId": self.image.account,
            "imageBuildVersionArn": self.image,
            "imagePipelineArn": self.scan.pipeline,
            "type": "PACKAGE_VULNERABILITY",
            "description": self.seed.description,
            "title": title,
            "severity": self.seed.severity,
            "firstObservedAt": self.scan.at.as_second(),
            "updatedAt": self.scan.at.as_second(),
            "inspectorScore": self.seed.score,
            "packageVulnerabilityDetails": {
                "vulnerabilityId": id,
                "vulnerablePackages": [
                    {"name": package.name, "version": package.version, "fixedInVersion": fixed_in},
                ],
            },
            "fixAvailable": if fixed_in.is_some() { "YES" } else { "NO" },
        })
    }
}

/// ListImageScanFindings: by at most one filter.
fn list(request: &mut Request<'_>) -> Answer {
    let filters = Filters::of::<Finding<'_>>(request)?;
    let found: Vec<_> = findings(request)
        .into_iter()
        .filter(|finding| filters.admit(finding))
        .collect();
    paging::page(request, "findings", &found, Finding::view)
}

/// ListImagePackages: what the inventory of the build instance lists, once there is an AMI.
fn list_packages(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("imageBuildVersionArn")?;
    let own = request.own(Kind::Image, "");
    let mut images = state::all(&request.state.images, &own);
    let image = images
        .find(|(found, _)| **found == arn)
        .map(|(_, image)| image);
    let image = image.ok_or_else(|| Refusal::not_found(&arn))?;
    let collected = image.enhanced_metadata && image.ami.is_some();
    let packages = request.state.scans.packages.iter();
    let packages = packages.filter(|package| collected && package.is_in(&image.recipe.arn.slug));
    let packages: Vec<_> = packages.collect();
    paging::page(
        request,
        "imagePackageList",
        &packages,
        |package| json!({"packageName": package.name, "packageVersion": package.version}),
    )
}
