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

use crate::arguments::Publish;
use crate::exit::Exit;
use crate::operate::OperateError;
use crate::pipelines::{NoPipelineError, pipeline_of};
use crate::printer::Printer;
use crate::reconcile::{self, Work};
use crate::stack;
use crate::status::{newest, state};

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
    printer.stdout(&outcome(name, &current, &report));
    Ok(Exit::refused_unless(current.newest_is_published()))
}

/// Runs reconcile, and prints what became of the recipe; `is_done` says whether that is what was asked for, by the
/// image that is published.
pub async fn until_published(
    operator: &Operator,
    name: &RecipeName,
    printer: Printer,
    is_done: impl Fn(Option<&String>) -> bool,
) -> Result<Exit, OperateError> {
    let (current, report) = reconciled(operator, name, printer).await?;
    printer.stdout(&outcome(name, &current, &report));
    Ok(Exit::refused_unless(is_done(current.published.as_ref())))
}

async fn reconciled(
    operator: &Operator,
    name: &RecipeName,
    printer: Printer,
) -> Result<(Look, Report), OperateError> {
    let report = reconcile::until_done(operator, &Work::default(), printer).await?;
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
fn outcome(name: &RecipeName, current: &Look, report: &Report) -> String {
    let is_about = |entry: &&Entry| {
        let parts = entry.target.split('/');
        entry.target == name.as_str() || parts.clone().any(|part| part == current.slug)
    };
    let named = |what: &str, entries: &[Entry]| -> Vec<String> {
        let about = entries.iter().filter(is_about);
        about
            .map(|entry| format!("  {what}: {}", printable(&entry.to_string())))
            .collect()
    };
    let head = match (&current.published, current.newest.as_ref()) {
        (Some(image), _) if current.newest_is_published() => {
            format!("{name}: {image} is published")
        }
        (Some(image), Some((newest, state))) => {
            format!("{name}: {image} is published; the newest build {newest} is {state}")
        }
        (Some(image), None) => format!("{name}: {image} is published"),
        (None, Some((newest, state))) => {
            format!("{name}: nothing is published; the newest build {newest} is {state}")
        }
        (None, None) => format!("{name}: nothing is published, because nothing was built yet"),
    };
    let lines = [
        vec![printable(&head)],
        named("done", &report.changes),
        named("failed", &report.failed),
        named("not attempted", &report.not_attempted),
        named("refused", &report.refused),
        named("waiting", &report.waiting),
    ];
    lines.concat().join("\n") + "\n"
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
        let text = outcome(&parsed("110304"), &current, &report);
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
        let text = outcome(&parsed("110304"), &current, &report);
        assert_eq!(
            text,
            "110304: a is published; the newest build b is AVAILABLE\n  waiting: copies 110304: copies are made\n"
        );
        assert!(!current.newest_is_published());
    }
}
