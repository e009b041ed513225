//! `goldsmith verify`: whether the consumers can use what is published for them.

mod render;

use std::collections::BTreeSet;

use goldsmith_aws::documents::{self, DocumentsError};
use goldsmith_aws::operator::{ContextError, verify};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AccountId, RecipeName};
use goldsmith_domain::verify::{Finding, passes};
use serde::Serialize;

use crate::arguments::{Verify as Arguments, VerifyFormat};
use crate::error::Hint;
use crate::exit::Exit;
use crate::json::{self, JsonError};
use crate::printer::Printer;
use crate::stack::{self, StackError};

/// Nothing was verified, or the findings could not be written.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There are no clients for the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The stack cannot be read.
    #[error(transparent)]
    StackContext(#[from] ContextError),
    /// The stack's documents cannot be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// Nothing says who the consumers are.
    #[error("the stack has no valid documents")]
    NoDocuments,
    /// The documents do not have the recipe.
    #[error("the stack's documents have no recipe {0}")]
    NoRecipe(RecipeName),
    /// The documents do not have the account.
    #[error("account {0} is not a consumer in the stack's documents")]
    NoConsumer(AccountId),
    /// The findings could not be written as JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl Hint for VerifyError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Stack(error) => return error.hint(),
            Self::StackContext(error) => return error.hint(),
            Self::Documents(error) => return error.hint(),
            Self::Json(error) => return error.hint(),
            Self::NoDocuments => {
                "`goldsmith status` shows what is wrong with them; `goldsmith apply` uploads documents"
            }
            Self::NoRecipe(_) => "`goldsmith status` lists the recipes",
            Self::NoConsumer(_) => "`goldsmith verify` without --account verifies all consumers",
        };
        Some(hint.to_owned())
    }
}

/// What was found, and whether it passes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Verification {
    /// Whether no finding blocks.
    passes: bool,
    /// Whether an unknown finding blocks in this environment.
    unknown_blocks: bool,
    /// By consumer, Region, recipe and check.
    findings: Vec<Finding>,
}

/// Verifies that the consumers can use the images.
pub async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, VerifyError> {
    let operator = stack::operator(&arguments.stack).await?;
    let verifying = async {
        let aws = operator.look().await?;
        let desired = documents::desired_in_force(&aws)
            .await?
            .ok_or(VerifyError::NoDocuments)?;
        let desired = narrowed(*desired, arguments)?;
        let findings = verify(&aws, &desired, arguments.launch_probe).await;
        Ok::<_, VerifyError>((desired.unknown_blocks, findings))
    };
    let (unknown_blocks, findings) =
        Box::pin(printer.with_progress("verifying the consumers", verifying)).await?;
    let verification = Verification {
        passes: passes(&findings, unknown_blocks),
        unknown_blocks,
        findings,
    };
    printer.stdout(&match arguments.format {
        VerifyFormat::Table => render::table(&verification, printer.terminal_width()),
        VerifyFormat::Json => json::pretty(&verification)?,
    });
    Ok(if verification.passes {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The same with only the named recipe and accounts. Organizations are left out if accounts are named.
fn narrowed(mut desired: Desired, arguments: &Arguments) -> Result<Desired, VerifyError> {
    if let Some(name) = &arguments.recipe {
        desired.recipes.retain(|entry| entry.name == *name);
        if desired.recipes.is_empty() {
            return Err(VerifyError::NoRecipe(name.clone()));
        }
    }
    let wanted: BTreeSet<&AccountId> = arguments.account.iter().collect();
    if wanted.is_empty() {
        return Ok(desired);
    }
    let consumers = &mut desired.consumers;
    consumers.organizations.clear();
    consumers
        .accounts
        .retain(|account| wanted.contains(&account.id));
    let served = |id: &&&AccountId| consumers.accounts.iter().any(|account| account.id == ***id);
    match wanted.iter().find(|id| !served(id)) {
        Some(id) => Err(VerifyError::NoConsumer((*id).clone())),
        None => Ok(desired),
    }
}
