//! Proof of use before an image is published: whether enough consumers can launch it.

use std::collections::BTreeSet;

use crate::names::AccountId;
use crate::plan::copy_eligibility::ServedImage;
use crate::plan::publisher::Publisher;
use crate::plan::reason::Waiting;
use crate::plan::record::{Plan, ToProve};
use crate::plan::tags::{proved_tag, published_tag};
use crate::plan::view::View;
use crate::proof::{LeftOut, Proof};

/// Whether an image may be published.
pub(super) enum Proved {
    /// It may, without these accounts; nobody was asked if there is nothing to be said of them.
    Yes(Option<LeftOut>),
    /// It may not yet.
    No,
}

/// Whether an image may be published. `excluded` are the accounts that this image is not for.
///
/// What is published already is not asked again: there would be nothing to go back to. A paused run publishes
/// nothing, so that it need not ask.
pub(super) fn proved(
    view: View<'_>,
    served: &ServedImage<'_>,
    excluded: &BTreeSet<AccountId>,
    publisher: Publisher,
    plan: &mut Plan,
) -> Proved {
    let (name, image) = (&served.name, served.image);
    if published_tag(served.pipeline).as_ref() == Some(&image.arn) {
        report_left_out(served, plan);
        return Proved::Yes(None);
    }
    let Some(rule) = view.desired.proof_rule().filter(|_| !view.desired.pause) else {
        return Proved::Yes(None);
    };
    let Some(findings) = view.observed.proofs.get(&image.arn) else {
        if publisher == Publisher::Reconcile {
            plan.to_prove.push(ToProve {
                recipename: name.clone(),
                image: image.arn.clone(),
                amis: image.amis.clone(),
                copies: view.copies_to_publish(image),
            });
        }
        plan.wait(name, Waiting::Observation(name.clone()));
        return Proved::No;
    };
    let proof = Proof::of(findings, rule, excluded);
    if proof.passes() {
        return Proved::Yes(Some(proof.left_out()));
    }
    let waiting = Waiting::Unproved {
        recipe: name.clone(),
        image: image.arn.clone(),
        proof: Box::new(proof),
    };
    plan.wait(name, waiting);
    Proved::No
}

/// Names the accounts that what is published was published without, as long as it is: nobody asks them again.
fn report_left_out(served: &ServedImage<'_>, plan: &mut Plan) {
    let accounts = proved_tag(served.pipeline, &served.image.arn);
    if let Some(accounts) = accounts.filter(|accounts| !accounts.is_empty()) {
        let image = served.image.arn.clone();
        plan.wait(&served.name, Waiting::LeftOut { image, accounts });
    }
}
