//! Whether a consumer may launch our AMI, or has its own copy of what is published.

use std::collections::BTreeMap;

use super::{Consumer, Known, Seen, Status, Verdict};
use crate::arn::ImageArn;
use crate::consumers::Account;
use crate::names::{AccountId, AmiId, KeyArn, RecipeName, Region};
use crate::observed::{Sharing, Target};
use crate::stack::StackContext;

/// What consumers read of an image, in the output bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The image that it came from.
    pub image: Option<ImageArn>,
    /// Its AMIs, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// Why it cannot be what we published; none if it is.
    pub damage: Option<String>,
}

/// An AMI as the account that it is in sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAmi {
    /// Whose it is.
    pub owner: AccountId,
    /// Its state, as EC2 spells it.
    pub state: String,
    /// The keys of its snapshots, by their ARNs; an empty text for one that is not encrypted.
    pub keys: Vec<String>,
}

/// Whether the published AMI is shared with `consumer`, and which AMI that is.
pub(super) fn shared(
    consumer: Consumer<'_>,
    region: &Region,
    recipe: &RecipeName,
    seen: &Seen,
) -> (Verdict, Option<AmiId>) {
    let expected = format!("it may launch the AMI of {recipe}");
    let ami = match ami_of(seen.published.get(recipe), region) {
        Ok(ami) => ami,
        Err((status, actual)) => return (Verdict::new(status, &expected, actual), None),
    };
    let expected = format!("it may launch {ami}");
    let (status, actual) = match seen.sharing.get(&ami) {
        None => (Status::Unknown, "nobody asked".to_owned()),
        Some(Err(reason)) => (Status::Unknown, reason.clone()),
        Some(Ok(None)) => (Status::Missing, format!("there is no {ami}")),
        Some(Ok(Some(sharing))) => permitted(consumer, sharing),
    };
    (Verdict::new(status, &expected, actual), Some(ami))
}

fn permitted(consumer: Consumer<'_>, sharing: &Sharing) -> (Status, String) {
    let named = match consumer {
        Consumer::Account(account) => sharing.accounts.contains(&account.id),
        Consumer::Organization(organization) => sharing.organizations.contains(&organization.arn),
    };
    match (sharing.everybody, named) {
        (true, _) => (Status::Incorrect, "everybody may launch it".to_owned()),
        (false, true) => (Status::Correct, "its launch permissions name it".to_owned()),
        (false, false) => (
            Status::Missing,
            "its launch permissions do not name it".to_owned(),
        ),
    }
}

/// Whether the account has its own copy of what is published, and which AMI that is.
pub(super) fn copied(
    account: &Account,
    region: &Region,
    recipe: &RecipeName,
    stack: &StackContext,
    seen: &Seen,
) -> (Verdict, Option<AmiId>) {
    let key = account.keys.get(region);
    let under = key.map_or_else(|| "our key".to_owned(), ToString::to_string);
    let expected = format!("it has a copy of {recipe} under {under}");
    let target = Target {
        account: account.id.clone(),
        region: region.clone(),
    };
    let copy = seen.copies.get(&(recipe.clone(), target));
    let ami = match ami_of(copy, region) {
        Ok(ami) => ami,
        Err((status, actual)) => return (Verdict::new(status, &expected, actual), None),
    };
    let expected = format!("{ami} is its copy of {recipe} under {under}");
    let (status, actual) = match (
        outdated(seen.published.get(recipe), copy),
        seen.own_amis.get(&ami),
    ) {
        (Some(older), _) => (Status::Incorrect, older),
        (None, None) => (Status::Unknown, "nobody asked".to_owned()),
        (None, Some(Err(reason))) => (Status::Unknown, reason.clone()),
        (None, Some(Ok(None))) => (Status::Missing, format!("the account has no {ami}")),
        (None, Some(Ok(Some(found)))) => held_against(account, key, stack, found),
    };
    (Verdict::new(status, &expected, actual), Some(ami))
}

/// The AMI that is published for a Region, or what is to be said of there being none.
fn ami_of(
    published: Option<&Known<Option<Published>>>,
    region: &Region,
) -> Result<AmiId, (Status, String)> {
    match published {
        None => Err((Status::Unknown, "nobody asked".to_owned())),
        Some(Err(reason)) => Err((Status::Unknown, reason.clone())),
        Some(Ok(None)) => Err((Status::Missing, "nothing is published".to_owned())),
        Some(Ok(Some(Published {
            damage: Some(damage),
            ..
        }))) => Err((Status::Incorrect, damage.clone())),
        Some(Ok(Some(published))) => published
            .amis
            .get(region)
            .cloned()
            .ok_or_else(|| (Status::Missing, format!("no AMI is published for {region}"))),
    }
}

/// What is to be said of a copy that is of another image than the published one.
fn outdated(
    published: Option<&Known<Option<Published>>>,
    copy: Option<&Known<Option<Published>>>,
) -> Option<String> {
    let image =
        |known: Option<&Known<Option<Published>>>| known?.as_ref().ok()?.as_ref()?.image.clone();
    let (published, copied) = (image(published)?, image(copy)?);
    (published != copied).then(|| format!("it is a copy of {copied}, and {published} is published"))
}

fn held_against(
    account: &Account,
    key: Option<&KeyArn>,
    stack: &StackContext,
    found: &SeenAmi,
) -> (Status, String) {
    if found.owner != account.id {
        return (Status::Incorrect, format!("it belongs to {}", found.owner));
    }
    if found.state != "available" {
        return (Status::Incorrect, format!("its state is `{}`", found.state));
    }
    let fits = |under: &&String| match key {
        Some(key) => *under == key.as_str(),
        None => under.split(':').nth(4) == Some(stack.account.as_str()),
    };
    match found.keys.iter().find(|under| !fits(under)) {
        Some(under) if under.is_empty() => (Status::Incorrect, "it is not encrypted".to_owned()),
        Some(under) => (Status::Incorrect, format!("it is encrypted under {under}")),
        None if found.keys.is_empty() => (
            Status::Unknown,
            "the keys of its snapshots are not told".to_owned(),
        ),
        None => (Status::Correct, "it is there, encrypted".to_owned()),
    }
}
