//! The tags of an environment and of an entry: what AWS allows, less what is somebody else's.

use std::collections::BTreeMap;

use super::reader::Cursor;
use crate::problem::Place;

/// Image Builder takes 30 `resourceTags` (API reference, `ResourceTagMap`), and one of them is ours.
pub(super) const MOST: usize = 29;

/// Tags of an environment and an entry together: AWS takes 50 tags of a resource, and a pipeline has
/// nine of ours (environment, recipe name, recipe, digest, licence; what is published of images, of copies
/// and of what is built again; where it is being built again).
pub(super) const MOST_TOGETHER: usize = 41;

/// Keys that Image Builder refuses as tags of what a build launches (API reference, `resourceTags` of
/// an infrastructure configuration).
const RESERVED: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

/// A tag, and where its key stands.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) place: Place,
}

pub(super) fn of_environment(at: Cursor<'_>) -> Option<BTreeMap<String, String>> {
    let count = at.entries()?.len();
    if count > MOST {
        at.record(
            at.place()
                .problem(format!("{count} tags"), format!("at most {MOST} tags")),
        );
    }
    Some(
        read(at)?
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect(),
    )
}

/// The tags that are without a problem.
pub(super) fn read(at: Cursor<'_>) -> Option<Vec<Tag>> {
    let entries = at.entries()?;
    Some(
        entries
            .into_iter()
            .filter_map(|(name, content)| tag(name, content))
            .collect(),
    )
}

fn tag(name: Cursor<'_>, content: Cursor<'_>) -> Option<Tag> {
    let key = key(name);
    let value = value(content);
    Some(Tag {
        key: key?,
        value: value?,
        place: name.place(),
    })
}

fn key(at: Cursor<'_>) -> Option<String> {
    let text = at.text()?;
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("goldsmith:") {
        return at.expected("a tag key that does not start with `aws:` or `goldsmith:`");
    }
    if RESERVED.contains(&text) {
        return at
            .expected("a tag key other than `CreatedBy`, `Ec2ImageBuilderArn`, `Name` and `Tags`");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    if !text.chars().all(allowed) || !(1..=128).contains(&text.len()) {
        return at.expected("a tag key: 1 to 128 letters, digits, spaces or `_.:/=+-@`");
    }
    Some(text.to_owned())
}

fn value(at: Cursor<'_>) -> Option<String> {
    let text = at.text()?;
    if text.chars().count() > 256 || text.contains(char::is_control) {
        return at.expected("a tag value of at most 256 characters on one line");
    }
    Some(text.to_owned())
}
