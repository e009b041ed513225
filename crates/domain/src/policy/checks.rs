//! What keeps a policy from being stored, whichever service it is for.

use iam_policy::Principals;

use super::Policy;

/// How much of a statement a message quotes.
const QUOTED: usize = 240;

/// A principal that was deleted: services show it by its unique id, and refuse the id when it is written
/// back (knowledge center, "Why is there an unknown principal format in my IAM resource-based policy?").
pub(crate) struct Deleted {
    /// The Sid of the statement, or its place.
    pub(crate) sid: String,
    /// The unique id.
    pub(crate) principal: String,
    /// The statement, cut if it is long.
    pub(crate) statement: String,
}

impl Policy<'_> {
    /// The first deleted principal that a foreign statement names.
    pub(crate) fn deleted_principal(&self) -> Option<Deleted> {
        self.foreign
            .iter()
            .enumerate()
            .find_map(|(place, statement)| {
                let read = statement.statement()?;
                let named = [&read.principal, &read.not_principal].into_iter().flatten();
                let principal = named
                    .flat_map(Principals::aws)
                    .find(|principal| is_unique_id(principal))?
                    .clone();
                let statement_text = quoted(&statement.value.to_string());
                Some(Deleted {
                    sid: statement.name(place),
                    principal,
                    statement: statement_text,
                })
            })
    }
}

/// Unique ids of roles start with AROA, those of users with AIDA (IAM user guide, "IAM identifiers").
fn is_unique_id(principal: &str) -> bool {
    principal.starts_with("AROA") || principal.starts_with("AIDA")
}

fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return text.to_owned();
    }
    text.chars().take(QUOTED).chain("...".chars()).collect()
}

/// How many of `of` accounts fit into `limit` bytes, if `size` says how many bytes so many take.
pub(crate) fn fitting(of: usize, limit: usize, size: impl Fn(usize) -> usize) -> usize {
    let counts: Vec<usize> = (1..=of).collect();
    counts.partition_point(|count| size(*count) <= limit)
}

/// What to do about a policy that is too large, in which `fit` of `of` accounts fit.
pub(crate) fn too_large(fit: usize, of: usize) -> String {
    if of == 0 {
        return "shorten the statements in it that are not ours".to_owned();
    }
    format!(
        "{fit} of the {of} accounts fit; name their organization or organizational units as consumers instead, which \
         take one line however many accounts they have"
    )
}
