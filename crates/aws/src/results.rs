//! What tests and scans stored of an image, the waivers that people reviewed, and whether both let it pass.
//!
//! The instance that stored results is a stranger. So one page of keys is read, and so many files of it, each up
//! to a limit: more than that is reported and not read.

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::desired::{Desired, Gates};
use goldsmith_domain::document::{DocumentFile, WaiversKey, parse_waivers};
use goldsmith_domain::names::{AmiId, RecipeName};
use goldsmith_domain::observed::Image;
use goldsmith_domain::problem::Problems;
use goldsmith_domain::resources::expected_suites;
use goldsmith_domain::results::{
    LARGEST, ResultsKey, Scan, Standard, is_results, objections, prefix,
};
use goldsmith_domain::waivers::Waiver;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::at_once::read_each;
use crate::fault::{CallError, Fault};
use crate::findings::scan_of;
use crate::{Aws, documents, output};

/// How many files of results of one image are read. A recipe has at most 20 components (Image Builder's quotas),
/// and each of them stores one or two.
const MOST_FILES: usize = 40;

/// After how many bytes of one image no further file is read: a function has 256 MB, and must not end for what an
/// instance wrote. The largest profile of `OpenSCAP` gives 2 MB.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The files of results of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredResults {
    /// The files, with at most one byte more of each than is read.
    pub files: Vec<(ResultsKey, Vec<u8>)>,
    /// Whether there are more than are read.
    pub is_cut: bool,
}

/// What tests stored of the image with this AMI.
pub async fn results(aws: &Aws, ami: &AmiId) -> Result<StoredResults, CallError> {
    let prefix = prefix(ami);
    let (keys, is_whole) = page(aws, &aws.resources.output_bucket, &prefix).await?;
    let found = keys.iter().filter_map(|key| {
        let parts = ResultsKey::below(&prefix, key)?;
        is_results(&parts.file).then_some((key, parts))
    });
    let found: Vec<(&String, ResultsKey)> = found.collect();
    let mut is_cut = !is_whole || found.len() > MOST_FILES;
    let (mut files, mut sum) = (Vec::new(), 0);
    for (key, parts) in found.into_iter().take(MOST_FILES) {
        if sum > MOST_BYTES {
            is_cut = true;
            break;
        }
        if let Some((bytes, _)) = output::get_at_most(aws, key, LARGEST + 1).await? {
            sum += bytes.len();
            files.push((parts, bytes));
        }
    }
    Ok(StoredResults { files, is_cut })
}

/// What the results of an image, and the scan of it, say against it, as sentences; nothing if they let it pass. What
/// the documents do not limit is not read.
///
/// A waivers document that cannot be read waives nothing, and is an objection of its own. Errors: what S3 answers.
pub async fn objections_to(
    aws: &Aws,
    desired: &Desired,
    recipe: &RecipeName,
    image: &Image,
) -> Result<Vec<String>, CallError> {
    let Some(ami) = image.amis.get(&aws.stack.region) else {
        return Ok(vec![format!(
            "{} has no AMI that could have been tested",
            image.arn
        )]);
    };
    let gates = &desired.gates;
    let (stored, scan, documents) = tokio::try_join!(
        limited_results(aws, gates, ami),
        limited_scan(aws, gates, &image.arn),
        waivers_documents(aws, recipe)
    )?;
    let (waivers, mut all) = match parse_waivers(&documents) {
        Ok(waivers) => (waivers, Vec::new()),
        Err(problems) => (Vec::<Waiver>::new(), sentences(problems)),
    };
    let standard = Standard {
        limits: &gates.failed_controls,
        suites: &expected_suites(desired, recipe),
        findings: &gates.findings,
        waivers: &waivers,
        place: (recipe, &aws.stack.region),
        today: today(),
    };
    let (files, is_whole) = (&stored.files, !stored.is_cut);
    all.extend(objections(files, is_whole, scan.as_ref(), &standard));
    Ok(all)
}

async fn limited_results(
    aws: &Aws,
    gates: &Gates,
    ami: &AmiId,
) -> Result<StoredResults, CallError> {
    if gates.failed_controls.0.is_empty() {
        return Ok(StoredResults::default());
    }
    results(aws, ami).await
}

async fn limited_scan(
    aws: &Aws,
    gates: &Gates,
    image: &ImageArn,
) -> Result<Option<Scan>, CallError> {
    if !gates.limits_findings() {
        return Ok(None);
    }
    scan_of(aws, image).await.map(Some)
}

fn sentences(problems: Problems) -> Vec<String> {
    let (problems, _) = problems.into_parts();
    problems.iter().map(ToString::to_string).collect()
}

/// What people should know of waivers that end: of each that has ended, or ends soon, its rule with a sentence. A
/// document that cannot be read says nothing: an image that needs it says so.
///
/// Errors: what S3 answers.
pub async fn ending_waivers(
    aws: &Aws,
    keys: &[String],
) -> Result<Vec<(String, String)>, CallError> {
    let files = read_each(keys, |key| documents::file(aws, key)).await?;
    let waivers = parse_waivers(&files).unwrap_or_default();
    let today = today();
    let warning = |waiver: &Waiver| Some((waiver.rule.clone(), waiver.warning(today)?));
    Ok(waivers.iter().filter_map(warning).collect())
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The waivers documents for a recipe: those of the environment, and its own.
pub async fn waivers_documents(
    aws: &Aws,
    recipe: &RecipeName,
) -> Result<Vec<DocumentFile>, CallError> {
    let mut files = Vec::new();
    for prefix in ["audit/".to_owned(), format!("{recipe}/audit/")] {
        let (keys, _) = page(aws, &aws.resources.document_bucket, &prefix).await?;
        for key in keys.iter().filter(|key| WaiversKey::of(key).is_some()) {
            match documents::file(aws, key).await {
                Ok(file) => files.push(file),
                Err(error) if error.fault == Fault::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(files)
}

/// The first keys that begin with `prefix`, at most 1,000, and whether they are all.
async fn page(aws: &Aws, bucket: &str, prefix: &str) -> Result<(Vec<String>, bool), CallError> {
    let call = aws.s3.list_objects_v2().bucket(bucket).prefix(prefix);
    let page = call.send().await;
    let page = page.map_err(|error| CallError::new("s3:ListObjectsV2", error))?;
    let keys = page.contents().iter();
    let keys = keys.filter_map(|object| object.key().map(str::to_owned));
    Ok((keys.collect(), page.is_truncated() != Some(true)))
}
