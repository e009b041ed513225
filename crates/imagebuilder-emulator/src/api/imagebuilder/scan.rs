//! The findings of image scans, and the packages of images.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::request::{Answer, Handlers, Request},
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        lookup,
    },
    records::scan::{Scan, SeedFinding},
    state::State,
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("ListImageScanFindings", list),
    ("ListImagePackages", list_packages),
];

/// One finding in one image.
pub(crate) struct Finding<'s> {
    image: &'s Arn,
    scan: &'s Scan,
    seed: &'s SeedFinding,
}

/// Checks `imageScanningConfiguration`: scanning needs tests, and a condition needs on-demand scans (API
/// reference, `ImageScanningConfiguration`). Which codes AWS answers is not known.
pub(crate) fn check(request: &Request<'_>) -> Result<(), ApiError> {
    let scanning = &request.members()["imageScanningConfiguration"];
    let on_demand = scanning["imageScanningTypes"][0] == "ON_DEMAND_AMI_CVE";
    if scanning.get("scanResultCondition").is_some() && !on_demand {
        let message = "scanResultCondition requires the image scanning type ON_DEMAND_AMI_CVE.";
        return Err(ApiError::combination(message));
    }
    if scanning["imageScanningEnabled"] != true {
        return Ok(());
    }
    if request.members()["imageTestsConfiguration"]["imageTestsEnabled"] == false {
        return Err(ApiError::combination(
            "Image scanning requires image tests to be enabled.",
        ));
    }
    Ok(())
}

/// The findings in the caller's images that still exist, by image.
pub(crate) fn findings<'r>(request: &'r Request<'_>) -> Vec<Finding<'r>> {
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
    let mut images = lookup::all(&request.state.images, &own);
    let image = images
        .find(|(found, _)| **found == arn)
        .map(|(_, image)| image);
    let image = image.ok_or_else(|| ApiError::not_found(&arn))?;
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
