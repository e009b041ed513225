//! The tags of an environment: what AWS allows, less what is somebody else's.

use std::collections::BTreeMap;

use super::reader::At;

/// Image Builder takes 30 `resourceTags` (API reference, `ResourceTagMap`), and one of them is ours.
const MOST: usize = 29;

/// Keys that Image Builder refuses as tags of what a build launches (API reference, `resourceTags` of
/// an infrastructure configuration).
const RESERVED: [&str; 4] = ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"];

pub(super) fn read(at: At<'_>) -> Option<BTreeMap<String, String>> {
    let entries = at.entries()?;
    if entries.len() > MOST {
        at.record(at.place().problem(format!("{} tags", entries.len()), format!("at most {MOST} tags")));
    }
    Some(entries.into_iter().filter_map(|(name, content)| tag(name, content)).collect())
}

fn tag(name: At<'_>, content: At<'_>) -> Option<(String, String)> {
    let key = key(name);
    let value = value(content);
    Some((key?, value?))
}

fn key(at: At<'_>) -> Option<String> {
    let text = at.text()?;
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("goldsmith:") {
        return at.expected("a tag key that does not start with `aws:` or `goldsmith:`");
    }
    if RESERVED.contains(&text) {
        return at.expected("a tag key other than `CreatedBy`, `Ec2ImageBuilderArn`, `Name` and `Tags`");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    if !text.chars().all(allowed) || !(1..=128).contains(&text.len()) {
        return at.expected("a tag key: 1 to 128 letters, digits, spaces or `_.:/=+-@`");
    }
    Some(text.to_owned())
}

fn value(at: At<'_>) -> Option<String> {
    let text = at.text()?;
    if text.chars().count() > 256 {
        return at.expected("a tag value of at most 256 characters");
    }
    Some(text.to_owned())
}
