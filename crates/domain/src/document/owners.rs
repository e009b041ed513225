//! Lists of owners: whose base AMIs and components the images may be made of.

use super::fields::Fields;
use super::reader::Cursor;
use super::repeated::record_repeated;
use super::spelling::with_guess;
use crate::names::AccountId;
use crate::owners::{Owner, Owners};

/// The words for owners of AMIs.
const BASE: &[&str] = &["self", "amazon", "aws-marketplace"];
/// The words for owners of components.
const COMPONENT: &[&str] = &["self", "amazon", "aws-marketplace", "third-party"];

/// `base-owners`.
pub(super) fn of_bases(fields: &Fields<'_>) -> Owners {
    let owners = fields.optional("base-owners", |at| owners(at, BASE));
    owners.unwrap_or_default()
}

/// `component-owners`.
pub(super) fn of_components(fields: &Fields<'_>) -> Owners {
    let owners = fields.optional("component-owners", |at| owners(at, COMPONENT));
    owners.unwrap_or_default()
}

fn owners(at: Cursor<'_>, words: &[&str]) -> Option<Owners> {
    let read = |at| Some((owner(at, words)?, at));
    let owners: Vec<(Owner, Cursor<'_>)> = at.some("owner", read)?;
    record_repeated(
        &owners,
        |(owner, _)| owner,
        |(_, at)| *at,
        "each owner once",
    );
    Some(owners.into_iter().map(|(owner, _)| owner).collect())
}

fn owner(at: Cursor<'_>, words: &[&str]) -> Option<Owner> {
    let text = at.text()?;
    if words.contains(&text) || text.parse::<AccountId>().is_ok() {
        return text.parse().ok();
    }
    let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let expected = format!("{} or an account id of 12 digits", listed.join(", "));
    let problem = at.problem(expected);
    at.record(with_guess(problem, at.nearest(text, words.iter().copied())));
    None
}
