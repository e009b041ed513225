//! `goldsmith publish`: sees to it that consumers get the newest image of a recipe.
//!
//! Only the functions may publish, and they sign what they publish. So it runs reconcile, which publishes what an
//! event missed and repairs what a hand damaged, and tells what became of the recipe.

use goldsmith_aws::operator::{Operator, builds};
use goldsmith_aws::{images, pipelines};
use goldsmith_domain::escape::printable;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::plan::published_image;
use goldsmith_domain::report::{Entry, Report};
use serde::Serialize;

use crate::arguments::{Format, Publish};
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::operate::OperateError;
use crate::pipelines::{NoPipelineError, newest, pipeline_of};
use crate::printer::Printer;
use crate::reconcile::{self, Work};
use crate::stack;
use crate::status::state;
use crate::version::warn_if_older;

/// What is published of a recipe, and its newest build.
struct Look {
    slug: String,
    published: Option<String>,
    newest: Option<(String, String)>,
}

/// Runs reconcile, and prints what became of the recipe.
pub async fn run(arguments: &Publish, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    let name = &arguments.recipe;
    read(&operator, name).await?;
    let (current, report) = reconciled(&operator, name, printer).await?;
    let is_done = current.newest_is_published();
    show(
        &Outcome::new(name, &current, &report, is_done),
        arguments.format,
        printer,
    )?;
    Ok(Exit::refused_unless(is_done))
}

fn show(outcome: &Outcome<'_>, format: Format, printer: Printer) -> Result<(), JsonError> {
    printer.stdout(&match format {
        Format::Text => outcome.text(),
        Format::Json => json::pretty(outcome)?,
    });
    Ok(())
}

/// Runs reconcile, and prints what became of the recipe; `is_done` says whether that is what was asked for, by the
/// image that is published.
pub async fn until_published(
    operator: &Operator,
    (name, format): (&RecipeName, Format),
    printer: Printer,
    is_done: impl Fn(Option<&String>) -> bool,
) -> Result<Exit, OperateError> {
    let (current, report) = reconciled(operator, name, printer).await?;
    let is_done = is_done(current.published.as_ref());
    show(
        &Outcome::new(name, &current, &report, is_done),
        format,
        printer,
    )?;
    Ok(Exit::refused_unless(is_done))
}

async fn reconciled(
    operator: &Operator,
    name: &RecipeName,
    printer: Printer,
) -> Result<(Look, Report), OperateError> {
    let report = reconcile::until_done(operator, &Work::default(), printer).await?;
    warn_if_older(report.release.as_ref(), printer);
    Ok((read(operator, name).await?, report))
}

async fn read(operator: &Operator, name: &RecipeName) -> Result<Look, OperateError> {
    let aws = operator.look().await?;
    let (pipelines, images, builds) =
        tokio::try_join!(pipelines(&aws), images(&aws), builds(&aws))?;
    let found = pipeline_of(&aws.stack, &pipelines, name);
    let pipeline = found.ok_or_else(|| NoPipelineError(name.clone()))?;
    let slug = pipeline.arn.as_str().rsplit('/').next().unwrap_or_default();
    let newest = newest(&builds, slug).map(|build| {
        let state = state(&build.image.state).to_owned();
        (build.image.arn.to_string(), state)
    });
    Ok(Look {
        slug: slug.to_owned(),
        published: published_image(&images, pipeline).map(|image| image.arn.to_string()),
        newest,
    })
}

impl Look {
    fn newest_is_published(&self) -> bool {
        let newest = self.newest.as_ref();
        newest.is_some_and(|(arn, _)| self.published.as_ref() == Some(arn))
    }
}

/// What became of the recipe.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outcome<'a> {
    recipename: &'a RecipeName,
    /// Whether it is what was asked for.
    done: bool,
    /// The image that consumers get.
    published: Option<&'a str>,
    newest: Option<Newest<'a>>,
    /// What the run said of the recipe.
    changes: Vec<&'a Entry>,
    failed: Vec<&'a Entry>,
    not_attempted: Vec<&'a Entry>,
    refused: Vec<&'a Entry>,
    waiting: Vec<&'a Entry>,
}

/// The newest build of a recipe.
#[derive(Debug, Serialize)]
struct Newest<'a> {
    image: &'a str,
    state: &'a str,
}

impl<'a> Outcome<'a> {
    fn new(name: &'a RecipeName, current: &'a Look, report: &'a Report, done: bool) -> Self {
        let is_about = |entry: &&Entry| {
            let mut parts = entry.target.split('/');
            entry.target == name.as_str() || parts.any(|part| part == current.slug)
        };
        let about = |entries: &'a [Entry]| entries.iter().filter(is_about).collect();
        let newest = current.newest.as_ref();
        Self {
            recipename: name,
            done,
            published: current.published.as_deref(),
            newest: newest.map(|(image, state)| Newest { image, state }),
            changes: about(&report.changes),
            failed: about(&report.failed),
            not_attempted: about(&report.not_attempted),
            refused: about(&report.refused),
            waiting: about(&report.waiting),
        }
    }

    fn text(&self) -> String {
        let named = |what: &str, entries: &[&Entry]| -> Vec<String> {
            let entries = entries.iter();
            entries
                .map(|entry| format!("  {what}: {}", printable(&entry.to_string())))
                .collect()
        };
        let lines = [
            vec![printable(&self.head())],
            named("done", &self.changes),
            named("failed", &self.failed),
            named("not attempted", &self.not_attempted),
            named("refused", &self.refused),
            named("waiting", &self.waiting),
        ];
        lines.concat().join("\n") + "\n"
    }

    fn head(&self) -> String {
        let name = self.recipename;
        match (self.published, &self.newest) {
            (Some(image), Some(newest)) if newest.image != image => {
                let Newest {
                    image: newest,
                    state,
                } = newest;
                format!("{name}: {image} is published; the newest build {newest} is {state}")
            }
            (Some(image), _) => format!("{name}: {image} is published"),
            (None, Some(Newest { image, state })) => {
                format!("{name}: nothing is published; the newest build {image} is {state}")
            }
            (None, None) => {
                format!("{name}: nothing is published, because nothing was built yet")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::{entry, parsed};

    fn current(published: Option<&str>, newest: Option<(&str, &str)>) -> Look {
        Look {
            slug: "mstr-nonprod-110304".to_owned(),
            published: published.map(str::to_owned),
            newest: newest.map(|(arn, state)| (arn.to_owned(), state.to_owned())),
        }
    }

    #[test]
    fn what_became_of_the_recipe_is_told_and_nothing_of_others() {
        let report = Report {
            changes: vec![
                entry("publish", "image/mstr-nonprod-110304/1.0.0/2", None),
                entry("publish", "image/mstr-nonprod-110302/1.0.0/2", None),
            ],
            ..Report::default()
        };
        let current = current(Some("b"), Some(("b", "AVAILABLE")));
        let text = Outcome::new(&parsed("110304"), &current, &report, true).text();
        assert_eq!(
            text,
            "110304: b is published\n  done: publish image/mstr-nonprod-110304/1.0.0/2\n"
        );
        assert!(current.newest_is_published());
    }

    #[test]
    fn an_older_image_is_no_success() {
        let waiting = vec![entry("copies", "110304", Some("copies are made"))];
        let report = Report {
            waiting,
            ..Report::default()
        };
        let current = current(Some("a"), Some(("b", "AVAILABLE")));
        let text = Outcome::new(&parsed("110304"), &current, &report, true).text();
        assert_eq!(
            text,
            "110304: a is published; the newest build b is AVAILABLE\n  waiting: copies 110304: copies are made\n"
        );
        assert!(!current.newest_is_published());
    }

    #[test]
    fn programs_get_the_same_with_whether_it_is_what_was_asked_for() {
        let report = Report {
            waiting: vec![entry("copies", "110304", Some("copies are made"))],
            ..Report::default()
        };
        let current = current(Some("a"), Some(("b", "AVAILABLE")));
        let name = parsed("110304");
        let outcome = Outcome::new(&name, &current, &report, false);
        assert_eq!(
            serde_json::to_value(outcome).expect("JSON"),
            serde_json::json!({
                "recipename": "110304", "done": false, "published": "a",
                "newest": { "image": "b", "state": "AVAILABLE" }, "changes": [], "failed": [],
                "not-attempted": [], "refused": [],
                "waiting": [{ "kind": "copies", "target": "110304", "reason": "copies are made" }],
            })
        );
    }
}
