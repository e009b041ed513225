//! Results as a stack has them: of an image, under the waivers and limits of its documents.

use std::collections::BTreeSet;

use goldsmith_aws::documents;
use goldsmith_aws::fault::CallError;
use goldsmith_aws::operator::{Build, builds, results, scan_of, tested_ami, waivers_documents};
use goldsmith_aws::{Aws, pipelines};
use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::desired::{Desired, Gates};
use goldsmith_domain::document::parse_waivers;
use goldsmith_domain::names::{AmiId, RecipeName, Region};
use goldsmith_domain::problem::Place;
use goldsmith_domain::resources::expected_suites;
use goldsmith_domain::results::{Scan, concerns, prefix, scan_concerns, waive};
use goldsmith_domain::scan::ImageScan;
use goldsmith_domain::waivers::Waiver;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Findings, ResultsError};
use crate::arguments::Stack;
use crate::pipelines::{NoPipelineError, newest, pipeline_of};
use crate::stack;

/// What was found on an image of a recipe, or on its newest one.
pub async fn read(
    stack: &Stack,
    recipe: &RecipeName,
    image: Option<&ImageArn>,
) -> Result<Findings, ResultsError> {
    let operator = stack::operator(stack).await?;
    let aws = operator.look().await?;
    let (build, ami) = tested(&aws, recipe, image).await?;
    let desired = documents::desired_in_force(&aws).await?;
    let asked = Asked::of(desired.as_deref(), recipe);
    let arn = &build.image.arn;
    let mut findings = of_image(&aws, &asked, recipe, (arn, &ami)).await?;
    findings.of = format!("{recipe} {}/{}", arn.version(), arn.build());
    findings.image = Some(arn.to_string());
    findings.ami = Some(ami.to_string());
    Ok(findings)
}

/// What was found on an image whose tests ran on this AMI.
pub async fn of_image(
    aws: &Aws,
    asked: &Asked,
    recipe: &RecipeName,
    (image, ami): (&ImageArn, &AmiId),
) -> Result<Findings, CallError> {
    let (stored, scan, documents) = tokio::try_join!(
        results(aws, ami),
        scan(aws, asked, image),
        waivers_documents(aws, recipe),
    )?;
    let mut findings = Findings::read(&stored.files);
    if stored.is_cut {
        let problem = Place::start_of(prefix(ami)).problem(
            "more files than are read",
            "at most 40 files of results in a listing of 1,000",
        );
        findings.problems.push(problem);
    }
    let waivers = parse_waivers(&documents).unwrap_or_else(|problems| {
        findings.problems.extend(problems.into_parts().0);
        Vec::new()
    });
    let only_with_fix = asked.gates.findings.only_with_fix;
    let suite = scan.as_ref().and_then(|scan| scan.suite(only_with_fix));
    findings.suites.extend(suite);
    judge(&mut findings, &waivers, asked, (recipe, &aws.stack.region));
    let limits = &asked.gates.findings.thresholds;
    if let Some(scan) = scan.filter(|_| !limits.0.is_empty()) {
        let concerns = scan_concerns(&scan, &findings.suites, limits);
        findings.concerns.extend(concerns);
    }
    Ok(findings)
}

/// Applies waivers and limits. Days begin in UTC, so that two people see the same.
fn judge(
    findings: &mut Findings,
    waivers: &[Waiver],
    asked: &Asked,
    place: (&RecipeName, &Region),
) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let waived = waive(&mut findings.suites, waivers, place, today);
    let name = |waiver: &&Waiver| {
        let Waiver { rule, profile, .. } = waiver;
        format!("{rule} of {profile} ({})", waiver.place.file)
    };
    findings.unused_waivers = waived.unused.iter().map(name).collect();
    findings.count();
    let limits = &asked.gates.failed_controls;
    findings.concerns = concerns(&findings.suites, limits, &asked.suites);
}

/// What the scan of an image found, if the documents have test instances scanned: only those findings are Image
/// Builder's.
async fn scan(aws: &Aws, asked: &Asked, image: &ImageArn) -> Result<Option<Scan>, CallError> {
    if asked.scan != Some(ImageScan::TestInstance) {
        return Ok(None);
    }
    Ok(Some(scan_of(aws, image).await?))
}

/// What the documents ask of the results of a recipe's images.
#[derive(Default)]
pub struct Asked {
    gates: Gates,
    scan: Option<ImageScan>,
    /// The suites that test components store.
    suites: BTreeSet<String>,
}

impl Asked {
    /// What documents ask for; nothing without valid documents.
    pub fn of(desired: Option<&Desired>, recipe: &RecipeName) -> Self {
        let asked = desired.map(|desired| Self {
            suites: expected_suites(desired, recipe),
            scan: desired.image_scan,
            gates: desired.gates.clone(),
        });
        asked.unwrap_or_default()
    }
}

/// The build that is asked for, or the newest, and the AMI that its tests ran on.
async fn tested(
    aws: &Aws,
    recipe: &RecipeName,
    image: Option<&ImageArn>,
) -> Result<(Build, AmiId), ResultsError> {
    let (pipelines, builds) = tokio::try_join!(pipelines(aws), builds(aws))?;
    let pipeline = pipeline_of(&aws.stack, &pipelines, recipe);
    let pipeline = pipeline.ok_or_else(|| NoPipelineError(recipe.clone()))?;
    let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
    let build = match image {
        None => newest(&builds, slug).ok_or(ResultsError::NoBuild)?,
        Some(arn) => {
            let mut own = builds.iter().filter(|build| build.image.arn.slug() == slug);
            own.find(|build| build.image.arn == *arn)
                .ok_or_else(|| ResultsError::NoImage(arn.to_string()))?
        }
    };
    let named = build.image.amis.get(&aws.stack.region).cloned();
    let ami = match named {
        Some(ami) => Some(ami),
        None => tested_ami(aws, &build.image.arn).await?,
    };
    let ami = ami.ok_or_else(|| ResultsError::NoAmi(build.image.arn.to_string()))?;
    Ok((build.clone(), ami))
}
