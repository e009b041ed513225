//! The names of an environment's Regions, as everything else that names a Region or an ARN is held
//! against them.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::fields::Fields;
use super::reader::Cursor;
use super::repeated::record_repeated;
use super::spelling::quoted;
use crate::names::{AccountId, KeyArn, NameError, Region};

/// The Regions of a document; none if one of them could not be read, and then nothing is held against
/// them.
#[derive(Debug, Default)]
pub(super) struct RegionNames(Option<BTreeSet<Region>>);

impl RegionNames {
    pub(super) fn new(names: Option<BTreeSet<Region>>) -> Self {
        Self(names)
    }

    pub(super) fn all(&self) -> Option<&BTreeSet<Region>> {
        self.0.as_ref()
    }

    /// A Region of the document.
    pub(super) fn one(&self, at: Cursor<'_>) -> Option<Region> {
        let region: Region = at.parsed()?;
        let Some(known) = self.all().filter(|known| !known.contains(&region)) else {
            return Some(region);
        };
        let known = quoted(known.iter().map(Region::as_str));
        at.expected(format!("a Region of this document: {known}"))
    }

    /// The Regions that a consumer names in `regions`; all of the document if it names none.
    pub(super) fn chosen(&self, fields: &Fields<'_>) -> Option<BTreeSet<Region>> {
        if fields.has("regions") {
            fields.optional("regions", |at| self.some(at))
        } else {
            self.all().cloned()
        }
    }

    fn some(&self, at: Cursor<'_>) -> Option<BTreeSet<Region>> {
        let regions = at.some("Region, or no key `regions` for all of them", |at| {
            Some((self.one(at)?, at))
        })?;
        record_repeated(
            &regions,
            |(region, _)| region,
            |(_, at)| *at,
            "each Region once",
        );
        Some(regions.into_iter().map(|(region, _)| region).collect())
    }

    /// An ARN of the partition that the Regions are in: no other can be reached from there.
    pub(super) fn arn<T: FromStr<Err = NameError>>(&self, at: Cursor<'_>) -> Option<T> {
        let arn = at.parsed()?;
        let partitions = self
            .all()
            .map(|names| names.iter().map(Region::partition).collect());
        in_partition(at, &partitions.unwrap_or_default())?;
        Some(arn)
    }
}

/// Records an ARN of a partition that is none of `partitions`, which may be unknown.
fn in_partition(at: Cursor<'_>, partitions: &BTreeSet<&str>) -> Option<()> {
    let partition = at.as_text()?.split(':').nth(1)?;
    if partitions.is_empty() || partitions.contains(partition) {
        return Some(());
    }
    let names: Vec<String> = partitions.iter().map(|name| format!("`{name}`")).collect();
    let names = names.join(" or ");
    let problem = at.problem(format!(
        "an ARN of the partition {names}, where the Regions of this document are"
    ));
    at.record(problem.hint("nothing of another partition can be reached from these Regions"));
    None
}

/// A key of `region`: a KMS key encrypts nothing outside its own Region.
pub(super) fn key_in(region: &Region, at: Cursor<'_>) -> Option<KeyArn> {
    let key = key(at)?;
    if key.region().as_ref() != Some(region) {
        let expected = format!("the ARN of a key in {region}, the Region it is given for");
        at.record(
            at.problem(expected)
                .hint("a key encrypts in its own Region only"),
        );
        return None;
    }
    in_partition(at, &[region.partition()].into())?;
    let owner = key.as_str().split(':').nth(4);
    if owner.is_none_or(|owner| owner.parse::<AccountId>().is_err()) {
        return at.expected("the ARN of a key of an account, whose id has 12 digits");
    }
    Some(key)
}

/// A key by its ARN, and not by an alias.
fn key(at: Cursor<'_>) -> Option<KeyArn> {
    let text = at.text()?;
    let expected = match text.parse() {
        Ok(key) => return Some(key),
        Err(NameError { expected, .. }) => expected,
    };
    if !text.contains("alias/") {
        return at.parsed();
    }
    let hint = "an alias can move to another key: give the ARN of the key itself";
    at.record(at.problem(expected).hint(hint));
    None
}
