//! `goldsmith plan`: what documents would change in a stack, or would have changed in one that was
//! observed.

mod saved;
mod set;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use goldsmith_aws::documents as bucket;
use goldsmith_aws::operator::Operator;
use goldsmith_aws::{Aws, observe};
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
    let given = given(dir, voice)?;
    let against = Against::of(arguments, &given, voice).await?;
    let files = with_settings(against.beside(&given), &arguments.set, voice)?;
    let desired = desired(dir, &files, voice)?;
    let saved = against.observe(&desired, voice).await?;
    if let Some(file) = &arguments.save {
        saved.write(file)?;
    }
    let Saved {
        stack, observed, ..
    } = saved;
    let unknown = Problems::from(unknown_scheduled(&desired, &observed.pipelines));
    accept(dir, &Parsed::Rejected(unknown), voice)?;
    let plan = plan(&desired, &observed, &stack);
    let review = review(&desired, &observed, &plan, &stack);
    write(&review, arguments, voice)?;
    Ok(review.verdict().into())
}

/// The documents of `dir`, if there are any and nothing is wrong with them; others may stand in the
/// bucket.
pub fn given(dir: &Path, voice: Voice) -> Result<Vec<DocumentFile>, Failure> {
    let files = documents::read(dir)?;
    match parse(&files) {
        Parsed::Absent(_) if !files.is_empty() => Ok(files),
        parsed @ (Parsed::Absent(_) | Parsed::Desired(_) | Parsed::Rejected(_)) => {
            let accepted = accept(dir, &parsed, voice);
            if let (Err(_), Some(hint)) = (&accepted, hint(dir, &files)) {
                voice.hint(&hint);
            }
            accepted.map(|()| files)
        }
    }
}

/// What all documents together want, or what is wrong with them, which is said.
fn desired(dir: &Path, files: &[DocumentFile], voice: Voice) -> Result<Box<Desired>, Failure> {
    let parsed = parse(files);
    accept(dir, &parsed, voice)?;
    match parsed {
        Parsed::Desired(desired) => Ok(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => Err(Failure::Rejected(dir.to_owned())),
    }
}

/// What documents are compared with.
enum Against {
    /// What was observed at another time.
    Saved(Box<Saved>),
    /// A stack, and the documents in its bucket beside those that were given.
    Stack(Box<Aws>, BTreeMap<String, String>),
}

impl Against {
    async fn of(arguments: &Plan, given: &[DocumentFile], voice: Voice) -> Result<Self, Failure> {
        if let Some(file) = &arguments.observed {
            return Ok(Self::Saved(Box::new(Saved::read(file)?)));
        }
        let stack = stack::named(arguments.against.as_deref())?.ok_or(Failure::NothingToCompare)?;
        let look = async {
            let aws = Operator::from_env(stack).await?.look().await?;
            let mut all = bucket::with(&aws, &documents::texts(given)).await?.files;
            all.retain(|file| given.iter().all(|given| given.key != file.key));
            Ok(Self::Stack(Box::new(aws), documents::texts(&all)))
        };
        voice
            .during("reading the documents of the stack", look)
            .await
    }

    /// The documents as they would be together.
    fn beside(&self, given: &[DocumentFile]) -> Vec<DocumentFile> {
        let documents = match self {
            Self::Saved(saved) => &saved.documents,
            Self::Stack(_, documents) => documents,
        };
        let others = documents
            .iter()
            .filter(|(key, _)| given.iter().all(|file| file.key != **key));
        let others = others.map(|(key, text)| documents::of_text(key, text));
        given.iter().cloned().chain(others).collect()
    }

    async fn observe(self, desired: &Desired, voice: Voice) -> Result<Saved, Failure> {
        match self {
            Self::Saved(saved) => Ok(*saved),
            Self::Stack(aws, documents) => {
                let look = Box::pin(observe(&aws, desired, Depth::Content));
                let observed = voice.during("looking at the stack", look).await?;
                Ok(Saved {
                    stack: aws.stack,
                    documents,
                    observed,
                })
            }
        }
    }
}

/// Says what is wrong; an error if anything is.
fn accept(dir: &Path, parsed: &Parsed, voice: Voice) -> Result<(), Failure> {
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
    let settings = settings
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<Setting>, _>>()?;
    set::apply(&settings, &mut files)?;
    for setting in settings {
        voice.warn(&format!("planned as if environment.json had {setting}"));
    }
    Ok(files)
}

fn write(review: &Review, arguments: &Plan, voice: Voice) -> Result<(), Failure> {
    let commit = arguments.commit.as_deref();
    if let Some(path) = &arguments.summary {
        let rest = "`goldsmith plan --format json` tells the rest";
        let page = Page {
            limit: SUMMARY,
            brief: false,
            commit,
            rest,
        };
        let unwritable = |source| Failure::Unwritable {
            path: path.clone(),
            source,
        };
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
        PlanFormat::Markdown => markdown::draw(
            review,
            &Page {
                limit: COMMENT,
                brief: true,
                commit,
                rest,
            },
        ),
    });
    Ok(())
}
