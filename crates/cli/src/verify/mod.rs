//! `goldsmith verify`: whether the consumers can use what is published for them.

mod draw;

use std::collections::BTreeSet;

use goldsmith_aws::documents;
use goldsmith_aws::operator::verify;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::AccountId;
use goldsmith_domain::verify::{Finding, passes};
use serde::Serialize;

use crate::arguments::{Verify as Arguments, VerifyFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stack;
use crate::voice::Voice;

/// What was found, and whether it stands in the way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Proof {
    /// Whether nothing stands in the way.
    passes: bool,
    /// Whether the environment lets an unknown stand in the way.
    unknown_blocks: bool,
    /// By consumer, Region, recipe and check.
    findings: Vec<Finding>,
}

/// Looks whether the images can be used.
pub async fn run(arguments: &Arguments, voice: Voice) -> Result<Exit, Failure> {
    let operator = stack::operator(&arguments.stack).await?;
    let look = async {
        let aws = operator.look().await?;
        let desired = documents::desired_in_force(&aws)
            .await?
            .ok_or(Failure::NothingInForce)?;
        let desired = narrowed(*desired, arguments)?;
        let findings = verify(&aws, &desired, arguments.launch_probe).await;
        Ok::<_, Failure>((desired.unknown_blocks, findings))
    };
    let (unknown_blocks, findings) =
        Box::pin(voice.during("looking at the consumers", look)).await?;
    let proof = Proof {
        passes: passes(&findings, unknown_blocks),
        unknown_blocks,
        findings,
    };
    voice.data(&match arguments.format {
        VerifyFormat::Table => draw::table(&proof),
        VerifyFormat::Json => format!("{}\n", serde_json::to_string_pretty(&proof)?),
    });
    Ok(if proof.passes {
        Exit::Done
    } else {
        Exit::Refused
    })
}

/// The same with only the recipe and the accounts that were named; organizations are left out where
/// accounts are named.
fn narrowed(mut desired: Desired, arguments: &Arguments) -> Result<Desired, Failure> {
    if let Some(name) = &arguments.recipe {
        desired.recipes.retain(|entry| entry.name == *name);
        if desired.recipes.is_empty() {
            return Err(Failure::NoRecipe(name.clone()));
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
        Some(id) => Err(Failure::NotServed((*id).clone())),
        None => Ok(desired),
    }
}
