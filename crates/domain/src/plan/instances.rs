//! An instance that is kept after its build has failed gets an end: it is paid for until somebody ends it.
//!
//! Image Builder keeps it where `keep-instance-on-failure` says so, and never looks again (API reference,
//! `terminateInstanceOnFailure`). Its own tag says when it goes, so that a person who needs it longer writes a later day.

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::change::{Action, EndInstance};
use super::reason::Waiting;
use super::record::Plan;
use super::view::View;
use crate::names::RecipeName;
use crate::observed::KeptInstance;

/// How long it is kept at least: whoever is woken at night looks at it the next working day.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Gives each kept instance the day on which it ends, and ends those whose day is over.
pub(super) fn end_kept_instances(view: View<'_>, plan: &mut Plan) {
    let today = day(view, SignedDuration::ZERO);
    for kept in &view.observed.kept_instances {
        // Anybody can write the tag: only an instance of a build of ours that has failed is ended.
        let Some(recipe) = view.recipe_of_failed(&kept.image) else {
            continue;
        };
        match kept.expires {
            None => plan.change(end(kept, &recipe, Some(day(view, KEPT)))),
            Some(last) if last < today => plan.change(end(kept, &recipe, None)),
            Some(last) => plan.wait(&recipe, waiting(kept, last)),
        }
    }
}

fn day(view: View<'_>, later: SignedDuration) -> Date {
    let time = view.observed.time;
    let then = time.checked_add(later).unwrap_or(time);
    then.to_zoned(TimeZone::UTC).date()
}

fn end(kept: &KeptInstance, recipe: &RecipeName, expires: Option<Date>) -> Action {
    Action::EndInstance(EndInstance {
        recipename: recipe.clone(),
        image: kept.image.clone(),
        instance: kept.id.clone(),
        expires,
    })
}

fn waiting(kept: &KeptInstance, last: Date) -> Waiting {
    Waiting::KeptInstance {
        instance: kept.id.clone(),
        image: kept.image.clone(),
        last,
    }
}
