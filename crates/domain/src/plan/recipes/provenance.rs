//! Whose a recipe's parts are, and where they are: what can be said by their names alone.

use crate::arn::place_of;
use crate::desired::{BaseImage, ComponentRef, RecipeEntry};
use crate::names::ComponentArn;
use crate::owners::Owner;
use crate::plan::reason::Refused;
use crate::plan::view::View;
use crate::resources;

/// Refuses a recipe for what its parts are called. Nothing is read for it, so that the answer is the same
/// whatever there is, and in every run.
pub(in crate::plan) fn check_names(view: View<'_>, entry: &RecipeEntry) -> Result<(), Refused> {
    check_base(view, &entry.base)?;
    for used in resources::components(view.desired, view.stack, entry) {
        if let ComponentRef::Arn(arn) = &used.component {
            check_component(view, arn)?;
        }
    }
    Ok(())
}

fn check_base(view: View<'_>, base: &BaseImage) -> Result<(), Refused> {
    match base {
        BaseImage::Parameter(name) if !view.stack.parameter_prefix.allows(name) => {
            Err(Refused::ParameterNotAllowed {
                name: name.clone(),
                prefix: view.stack.parameter_prefix.clone(),
            })
        }
        BaseImage::Image(arn) => check_place(view, arn.as_str()),
        BaseImage::Parameter(_) | BaseImage::Ami(_) | BaseImage::Recipe(_) => Ok(()),
    }
}

fn check_component(view: View<'_>, arn: &ComponentArn) -> Result<(), Refused> {
    check_place(view, arn.as_str())?;
    let owner = place_of(arn.as_str()).account;
    let owner = Owner::in_arn(owner, &view.stack.account);
    // A document may name its own account by its id as well.
    let own = (owner == Some(Owner::Myself)).then(|| Owner::Account(view.stack.account.clone()));
    let owners = &view.desired.component_owners;
    if owners.allow(owner.iter().chain(&own)) {
        return Ok(());
    }
    Err(Refused::ComponentOwner {
        component: arn.clone(),
        owners: owners.clone(),
    })
}

/// Image Builder takes nothing of another partition or Region (user guide, "Share Image Builder
/// resources").
fn check_place(view: View<'_>, arn: &str) -> Result<(), Refused> {
    let place = place_of(arn);
    if place.partition == view.stack.partition() && place.region == view.stack.region.as_str() {
        return Ok(());
    }
    Err(Refused::Elsewhere {
        arn: arn.to_owned(),
        partition: view.stack.partition().to_owned(),
        region: view.stack.region.clone(),
    })
}
