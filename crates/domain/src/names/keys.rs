//! Names of the KMS keys that images are encrypted with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountId, NameError, Region, arn_resource};

name!(
    /// The ARN of a KMS key (not an alias: an alias can be moved under our feet).
    ///
    /// It has only letters, digits, hyphens and the signs of an ARN: people copy it into a shell.
    KeyArn,
    "a KMS key ARN, such as `arn:aws:kms:us-east-1:111122223333:key/1234abcd-...`",
    is_key_arn
);

impl KeyArn {
    /// The account the key lives in.
    pub fn account(&self) -> Option<AccountId> {
        self.0.split(':').nth(4)?.parse().ok()
    }

    /// The partition the key lives in, such as `aws`.
    pub fn partition(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The Region the key lives in; KMS keys are regional.
    pub fn region(&self) -> Option<Region> {
        self.0.split(':').nth(3)?.parse().ok()
    }
}

fn is_key_arn(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let id = arn_resource(text, "kms").and_then(|resource| resource.strip_prefix("key/"));
    let head: Vec<&str> = text.split(':').take(5).collect();
    let account = head
        .last()
        .is_some_and(|account| account.parse::<AccountId>().is_ok());
    account && head.iter().all(|part| is_plain(part)) && id.is_some_and(is_key_id)
}

/// KMS makes the ids of keys: a UUID, or `mrk-` and 32 hexadecimal digits (KMS developer guide, "Key ARN" and
/// "Multi-Region keys"). It writes them in small letters, and compares them as they are.
fn is_key_id(text: &str) -> bool {
    if let Some(id) = text.strip_prefix("mrk-") {
        return is_hexadecimal(id, 32);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| is_hexadecimal(part, length))
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> bool {
        text.parse::<KeyArn>().is_ok()
    }

    #[test]
    fn the_id_of_a_key_is_what_kms_makes() {
        let with_id = |id: &str| is(&format!("arn:aws:kms:us-east-1:111122223333:key/{id}"));
        assert!(with_id("1234abcd-12ab-34cd-56ef-1234567890ab"));
        assert!(with_id("mrk-1234abcd12ab34cd56ef1234567890ab"));
        for id in [
            "1",
            "1234abcd",
            "own",
            "1234ABCD-12ab-34cd-56ef-1234567890ab",
            "1234abcg-12ab-34cd-56ef-1234567890ab",
            "1234abcd-12ab-34cd-56ef-1234567890a",
            "1234abcd-12ab-34cd-56ef-1234567890abc",
            "1234abc-d12ab-34cd-56ef-1234567890ab",
            "1234abcd12ab34cd56ef1234567890ab",
            "1234abcd-12ab-34cd-56ef-1234567890ab-",
            "mrk-",
            "mrk-1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890a",
            "mrk-1234abcd12ab34cd56ef1234567890abc",
            "MRK-1234abcd12ab34cd56ef1234567890ab",
            "mrk-mrk-1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert!(!with_id(id), "{id}");
        }
    }

    #[test]
    fn a_key_arn_has_nothing_that_a_shell_would_run() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        for key in [id.to_owned(), format!("mrk-{}", id.replace('-', ""))] {
            assert!(is(&format!(
                "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/{key}"
            )));
        }
        let with_id = |id: &str| format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
        for hostile in [
            with_id(""),
            with_id("$(id)"),
            with_id("`id`"),
            with_id(&format!("{id}\n")),
            with_id(&format!("{id};id")),
            with_id(&format!("{id} id")),
            with_id("*"),
            with_id("a/b"),
            with_id("ä"),
            format!("arn:aws$(id):kms:us-east-1:111122223333:key/{id}"),
            format!("arn:aws:kms:us-east-1$(id):111122223333:key/{id}"),
            format!("arn:aws:kms:us-east-1:1111 2222 3333:key/{id}"),
            format!("arn:aws:kms::111122223333:key/{id}"),
            format!("arn:aws:kms:us-east-1:111122223333:alias/{id}"),
        ] {
            assert!(!is(&hostile), "{hostile:?}");
        }
    }
}
