//! `goldsmith plan`: what documents would change in a stack, or in one that was observed earlier.

mod error;
mod outputs;
mod overrides;
mod saved;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use goldsmith_aws::documents as bucket;
use goldsmith_aws::operator::{Operator, account_quotas};
use goldsmith_aws::{Aws, lists, look_and_plan};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{DocumentFile, Parsed, parse};
use goldsmith_domain::escape::printable;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Index, Publisher, plan, unknown_scheduled};
use goldsmith_domain::problem::Problems;
use goldsmith_domain::resources::Wanted;
use goldsmith_domain::review::{Review, review};

use crate::arguments::{Plan, PlanFormat, Variables};
use crate::documents;
use crate::documents::accepted::{RejectedError, accept};
use crate::exit::Exit;
use crate::json;
use crate::layers::{Layered, read_accepted};
use crate::printer::Printer;
use crate::render::markdown::{COMMENT, Page, SUMMARY};
use crate::render::{markdown, text};
use crate::stack;
use error::PlanError;
use overrides::Override;
use saved::Saved;

/// Plans, and prints what the plan means.
pub async fn run(arguments: &Plan, printer: Printer) -> Result<Exit, PlanError> {
    let dir = &arguments.dir;
    let layered = read_accepted(dir, &arguments.variables, printer)?;
    warn_of_variables(&arguments.variables, printer);
    outputs::write_inputs(&layered, arguments)?;
    let given = &layered.files;
    let baseline = Baseline::from_arguments(arguments, given, printer).await?;
    let all = baseline.all_documents(given);
    let files = with_overrides(all.clone(), &arguments.set, printer)?;
    let desired = desired(&layered, dir, (&files, &all), printer)?;
    let saved = baseline.observe(&desired, &keys(&files), printer).await?;
    if let Some(file) = &arguments.save {
        saved.write(file)?;
    }
    let Saved {
        stack,
        observed,
        in_bucket,
        quotas,
        ..
    } = saved;
    let unknown = Problems::from(unknown_scheduled(&desired, &observed.pipelines));
    accept(dir, &Parsed::Rejected(unknown), printer)?;
    outputs::write_image(&layered, &desired, (&stack, &observed), arguments)?;
    let wanted = Wanted::new(&desired, &stack);
    let plan = plan(Index::new(&wanted, &observed).view(), Publisher::Reconcile);
    let before = parse(&documents::from_texts(&in_bucket));
    let review = review(&desired, &observed, &plan, &stack, &quotas);
    let review = review.replacing((&before).into(), &desired, &observed, &plan);
    write(&review, arguments, printer)?;
    Ok(review.verdict().into())
}

/// Says that the plan is made with other values, by their names: a value may be a secret.
fn warn_of_variables(variables: &Variables, printer: Printer) {
    for text in &variables.values {
        let name = text.split('=').next().unwrap_or_default();
        printer.warn(&format!(
            "planned with the value of --var for `{}`",
            printable(name)
        ));
    }
    if let Some(file) = &variables.file {
        let file = printable(&file.display().to_string());
        printer.warn(&format!("planned with the variables of {file}"));
    }
}

/// The keys of documents.
fn keys(files: &[DocumentFile]) -> BTreeSet<String> {
    files.iter().map(|file| file.key.clone()).collect()
}

/// What the documents ask for together. What is wrong with them is printed where somebody wrote it; the second
/// documents are those without the values of `--set`.
fn desired(
    layered: &Layered,
    dir: &Path,
    (files, before): (&[DocumentFile], &[DocumentFile]),
    printer: Printer,
) -> Result<Box<Desired>, PlanError> {
    let parsed = overrides::relocated(parse(files), files, before);
    let parsed = layered.relocated(parsed);
    accept(dir, &parsed, printer)?;
    match parsed {
        Parsed::Desired(desired) => Ok(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => Err(RejectedError(dir.to_owned()).into()),
    }
}

/// What documents are compared with.
enum Baseline {
    /// A stack as it was observed earlier.
    Saved(Box<Saved>),
    /// A stack, and the documents in its bucket.
    Stack(Box<Aws>, InBucket),
}

/// Documents in a bucket, texts by key.
struct InBucket {
    /// Those other than the given ones, with all that the given ones name.
    others: BTreeMap<String, String>,
    /// Those that are there, whatever is given.
    all: BTreeMap<String, String>,
}

impl Baseline {
    async fn from_arguments(
        arguments: &Plan,
        given: &[DocumentFile],
        printer: Printer,
    ) -> Result<Self, PlanError> {
        if let Some(file) = &arguments.observed {
            return Ok(Self::Saved(Box::new(Saved::read(file)?)));
        }
        let stack =
            stack::named(arguments.against.as_deref())?.ok_or(PlanError::NothingToCompare)?;
        let reading = async {
            let aws = Operator::from_env(stack).await?.look().await?;
            let mut read = bucket::with(&aws, &documents::texts(given)).await?;
            let all = documents::texts(&read.replaced.take().unwrap_or_default());
            let mut others = read.files;
            others.retain(|file| given.iter().all(|given| given.key != file.key));
            let others = documents::texts(&others);
            Ok(Self::Stack(Box::new(aws), InBucket { others, all }))
        };
        printer
            .with_progress("reading the documents of the stack", reading)
            .await
    }

    /// The given documents, and the others of the stack.
    fn all_documents(&self, given: &[DocumentFile]) -> Vec<DocumentFile> {
        let documents = match self {
            Self::Saved(saved) => &saved.documents,
            Self::Stack(_, in_bucket) => &in_bucket.others,
        };
        let others = documents
            .iter()
            .filter(|(key, _)| given.iter().all(|file| file.key != **key));
        let others = others.map(|(key, text)| documents::from_text(key, text));
        given.iter().cloned().chain(others).collect()
    }

    /// What is there, beside documents with these keys.
    async fn observe(
        self,
        desired: &Desired,
        present: &BTreeSet<String>,
        printer: Printer,
    ) -> Result<Saved, PlanError> {
        match self {
            Self::Saved(saved) => Ok(*saved),
            Self::Stack(aws, in_bucket) => {
                let wanted = Wanted::new(desired, &aws.stack);
                let (depth, publisher) = (Depth::Content, Publisher::Reconcile);
                let reading = Box::pin(async {
                    let lists = lists(&aws).await?;
                    let looked = look_and_plan(&aws, &wanted, lists, present, depth, publisher);
                    let (looked, quotas) = tokio::join!(looked, account_quotas(&aws));
                    looked.map(|(observed, _)| (observed, quotas))
                });
                let reading = printer.with_progress("reading the stack", reading);
                let (observed, quotas) = reading.await?;
                Ok(Saved {
                    stack: aws.stack,
                    documents: in_bucket.others,
                    in_bucket: in_bucket.all,
                    observed,
                    quotas,
                })
            }
        }
    }
}

/// The documents with the values of `--set`.
fn with_overrides(
    mut files: Vec<DocumentFile>,
    values: &[String],
    printer: Printer,
) -> Result<Vec<DocumentFile>, PlanError> {
    let overrides = values
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<Override>, _>>()?;
    overrides::apply(&overrides, &mut files)?;
    for value in overrides {
        printer.warn(&format!("planned as if environment.json had {value}"));
    }
    Ok(files)
}

/// Prints the plan, and writes its summary if one is asked for.
fn write(review: &Review, arguments: &Plan, printer: Printer) -> Result<(), PlanError> {
    if let Some(path) = &arguments.summary {
        write_summary(review, path, arguments.commit.as_deref())?;
    }
    match arguments.format {
        PlanFormat::Text => printer.reading(&text::render(review, printer.terminal_width())),
        PlanFormat::Json => printer.stdout(&json::pretty(review)?),
        PlanFormat::Markdown => printer.stdout(&comment(review, arguments)),
    }
    Ok(())
}

fn write_summary(review: &Review, path: &Path, commit: Option<&str>) -> Result<(), PlanError> {
    let page = Page {
        limit: SUMMARY,
        brief: false,
        commit,
        rest: "`goldsmith plan --format json` shows the rest",
    };
    fs::write(path, markdown::render(review, &page)).map_err(|source| PlanError::Unwritable {
        path: path.to_owned(),
        source,
    })
}

/// The plan as a comment on a pull request.
fn comment(review: &Review, arguments: &Plan) -> String {
    let rest = if arguments.summary.is_some() {
        "the rest is in the job summary"
    } else {
        "`goldsmith plan` shows the rest"
    };
    let page = Page {
        limit: COMMENT,
        brief: true,
        commit: arguments.commit.as_deref(),
        rest,
    };
    markdown::render(review, &page)
}
