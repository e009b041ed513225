//! `goldsmith status`: what the last run reported, and what exists of each recipe in each Region.

mod conditions;
mod render;
mod rows;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::{ContextError, builds};
use goldsmith_aws::{Aws, documents, output, pipelines};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::report::Report;
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{Status as Arguments, StatusFormat};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::pipelines::NoPipelineError;
use crate::printer::Printer;
use crate::stack::{self, StackError};
use rows::{Row, View, rows};

/// The status of a stack.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The report of the last run.
    pub report: Option<Report>,
    /// What exists.
    pub recipes: Vec<Row>,
}

/// The status is not known, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// A call of AWS failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The stack does not have the recipe.
    #[error(transparent)]
    NoPipeline(#[from] NoPipelineError),
    /// The status could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for StatusError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Stack(error) => error.hint(),
            Self::StackContext(error) => error.hint(),
            Self::Call(error) => error.hint(),
            Self::NoPipeline(error) => error.hint(),
            Self::Json(error) => error.hint(),
        }
    }
}

/// Prints the status.
pub async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, StatusError> {
    let operator = stack::operator(&arguments.stack).await?;
    let wanted = arguments.recipe.as_ref();
    let reading = async {
        let aws = operator.look().await?;
        let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
        let (report, desired) = tokio::join!(output::latest(&aws), desired(&aws));
        let view = View {
            stack: &aws.stack,
            desired: desired.as_deref(),
            pipelines: &pipelines,
            builds: &builds,
        };
        Ok::<_, StatusError>((report, rows(view, wanted), aws.take_discarded()))
    };
    let (report, recipes, discarded) =
        Box::pin(printer.with_progress("reading the stack", reading)).await?;
    if let Some(name) = wanted.filter(|_| recipes.is_empty()) {
        return Err(NoPipelineError(name.clone()).into());
    }
    for entry in discarded {
        printer.warn(&entry.to_string());
    }
    // The role may be allowed to read images, and not reports.
    let report = report.map(|(latest, _)| latest.map(|latest| latest.report));
    let report = report.unwrap_or_else(|error: CallError| {
        printer.warn(&format!("the last report is not shown: {}", chain(&error)));
        None
    });
    let status = Status { report, recipes };
    printer.stdout(&match arguments.format {
        StatusFormat::Table => render::table(&status, Timestamp::now()),
        StatusFormat::Json => json::pretty(&status)?,
    });
    Ok(Exit::Done)
}

/// What the documents in the bucket ask for; none if they cannot be read or used. The report has the
/// reason.
async fn desired(aws: &Aws) -> Option<Box<Desired>> {
    match documents::current(aws).await.ok()?.parsed {
        Parsed::Desired(desired) => Some(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => None,
    }
}
