//! `goldsmith plan`: what documents would change in a stack, or would have changed in one that was
//! observed.

mod saved;
mod set;

use std::fs;
use std::path::Path;

use goldsmith_aws::observe;
use goldsmith_aws::operator::Operator;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{plan, unknown_scheduled};
use goldsmith_domain::problem::Problems;
use goldsmith_domain::review::{Review, review};

pub use saved::SavedError;
pub use set::SetError;

use crate::arguments::{Plan, PlanFormat};
use crate::check::{Verdict, hint};
use crate::documents;
use crate::draw::markdown::{COMMENT, Page, SUMMARY};
use crate::draw::{markdown, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stack;
use crate::voice::Voice;
use saved::Saved;
use set::Setting;

/// Plans, and tells what the plan means.
pub async fn run(arguments: &Plan, voice: Voice) -> Result<Exit, Failure> {
    let dir = &arguments.dir;
    let files = documents::read(dir)?;
    let mut desired = desired(dir, &files, voice)?;
    if !arguments.set.is_empty() {
        desired = self::desired(dir, &with_settings(files, &arguments.set, voice)?, voice)?;
    }
    let saved = observed(arguments, &desired, voice).await?;
    if let Some(file) = &arguments.save {
        saved.write(file)?;
    }
    let Saved { site, observed } = saved;
    let unknown = Problems::from(unknown_scheduled(&desired, &observed.pipelines));
    accept(dir, &Parsed::Rejected(unknown), voice)?;
    let plan = plan(&desired, &observed, &site);
    let review = review(&desired, &observed, &plan, &site);
    write(&review, arguments, voice)?;
    Ok(review.verdict().into())
}

/// What the documents of `dir` want, or what is wrong with them, which is said.
pub fn desired(dir: &Path, files: &[DocumentFile], voice: Voice) -> Result<Box<Desired>, Failure> {
    let parsed = parse(files);
    accept(dir, &parsed, voice)?;
    match parsed {
        Parsed::Desired(desired) => Ok(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => {
            if let Some(hint) = hint(dir, files) {
                voice.hint(&hint);
            }
            Err(Failure::Rejected(dir.to_owned()))
        }
    }
}

/// Says what is wrong; an error if anything is.
pub fn accept(dir: &Path, parsed: &Parsed, voice: Voice) -> Result<(), Failure> {
    let verdict = Verdict::of(parsed).below(dir);
    if verdict.is_fine() {
        return Ok(());
    }
    voice.say(verdict.text().trim_end());
    Err(Failure::Rejected(dir.to_owned()))
}

fn with_settings(
    mut files: Vec<DocumentFile>,
    settings: &[String],
    voice: Voice,
) -> Result<Vec<DocumentFile>, Failure> {
    let settings = settings.iter().map(|text| text.parse()).collect::<Result<Vec<Setting>, _>>()?;
    set::apply(&settings, &mut files)?;
    for setting in settings {
        voice.warn(&format!("planned as if environment.json had {setting}"));
    }
    Ok(files)
}

/// What is there, or what was there when it was saved.
async fn observed(arguments: &Plan, desired: &Desired, voice: Voice) -> Result<Saved, Failure> {
    if let Some(file) = &arguments.observed {
        return Ok(Saved::read(file)?);
    }
    let stack = stack::named(arguments.against.as_deref())?.ok_or(Failure::NothingToCompare)?;
    let look = async {
        let aws = Operator::from_env(stack).await?.look().await?;
        let observed = Box::pin(observe(&aws, desired, Depth::Content)).await?;
        Ok(Saved { site: aws.site, observed })
    };
    voice.during("looking at the stack", look).await
}

fn write(review: &Review, arguments: &Plan, voice: Voice) -> Result<(), Failure> {
    let commit = arguments.commit.as_deref();
    if let Some(path) = &arguments.summary {
        let rest = "`goldsmith plan --format json` tells the rest";
        let page = Page { limit: SUMMARY, brief: false, commit, rest };
        let unwritable = |source| Failure::Unwritable { path: path.clone(), source };
        fs::write(path, markdown::draw(review, &page)).map_err(unwritable)?;
    }
    let rest = if arguments.summary.is_some() {
        "the rest is in the summary of the job"
    } else {
        "`goldsmith plan` tells the rest"
    };
    voice.data(&match arguments.format {
        PlanFormat::Text => text::draw(review),
        PlanFormat::Json => format!("{}\n", serde_json::to_string_pretty(review)?),
        PlanFormat::Markdown => markdown::draw(review, &Page { limit: COMMENT, brief: true, commit, rest }),
    });
    Ok(())
}
