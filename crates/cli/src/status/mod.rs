//! `goldsmith status`: what the last run said, then what is there of each recipe in each Region.

mod conditions;
mod draw;
pub mod rows;

use goldsmith_aws::fault::{CallError, chain};
use goldsmith_aws::operator::builds;
use goldsmith_aws::{Aws, documents, output, pipelines};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::report::Report;
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{Status as Arguments, StatusFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stack;
use crate::voice::Voice;
use rows::{Row, View, rows};

/// What a stack has to say.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The report of the last run.
    pub report: Option<Report>,
    /// What is there.
    pub recipes: Vec<Row>,
}

/// Tells what is.
pub async fn run(arguments: &Arguments, voice: Voice) -> Result<Exit, Failure> {
    let operator = stack::operator(&arguments.stack).await?;
    let wanted = arguments.recipe.as_ref();
    let look = async {
        let aws = operator.look().await?;
        let (pipelines, builds) = tokio::try_join!(pipelines(&aws), builds(&aws))?;
        let (report, desired) = tokio::join!(output::latest(&aws), desired(&aws));
        let view = View {
            stack: &aws.stack,
            desired: desired.as_deref(),
            pipelines: &pipelines,
            builds: &builds,
        };
        Ok::<_, Failure>((report, rows(view, wanted)))
    };
    let (report, recipes) = Box::pin(voice.during("looking at the stack", look)).await?;
    if let Some(name) = wanted.filter(|_| recipes.is_empty()) {
        return Err(Failure::NoRecipe(name.clone()));
    }
    // A role that reads images need not read reports.
    let report = report.map(|(latest, _)| latest.map(|latest| latest.report));
    let report = report.unwrap_or_else(|error: CallError| {
        voice.warn(&format!("the last report is not shown: {}", chain(&error)));
        None
    });
    let status = Status { report, recipes };
    voice.data(&match arguments.format {
        StatusFormat::Table => draw::table(&status, Timestamp::now()),
        StatusFormat::Json => format!("{}\n", serde_json::to_string_pretty(&status)?),
    });
    Ok(Exit::Done)
}

/// What the documents in the bucket want; none if they cannot be read or acted upon, which the report
/// tells.
async fn desired(aws: &Aws) -> Option<Box<Desired>> {
    match documents::current(aws).await.ok()?.parsed {
        Parsed::Desired(desired) => Some(desired),
        Parsed::Absent(_) | Parsed::Rejected(_) => None,
    }
}
