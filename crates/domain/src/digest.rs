//! Content addresses: SHA-256 over JSON.
//!
//! AWS stores these digests in tags, descriptions, resource names and client tokens. A digest that
//! changes makes every run believe that its content changed: it builds every image again. So what a
//! digest is taken of is a stored format, with a version.
//!
//! - Each kind of digest has a struct of its own, such as `RecipeDigestV1`. It exists only for the
//!   digest, and spells the name and the position of every member.
//! - It is made from the domain's type by a pattern that names every field. So a renamed or moved field
//!   of the domain's type changes no digest, and a new field does not compile without a decision.
//! - Literals in the tests hold the text and the digest of each kind.
//!
//! Version 1 is what was stored before versions existed. Its JSON has no member for the version, and it
//! can never get one: that would change every digest. A version 2 of a kind is a further struct beside
//! the first, and its first member is `"v": 2`; so no text of one version is a text of another. Change a
//! version only together with a plan for the digests that are stored already, for example to accept both
//! until the content changes anyway. A member that is left out while it is empty needs no version 2.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::names::Digest;

/// What a stored digest is taken of: a struct that serves nothing else.
///
/// Implement it only for structs whose names end in a version, never for a type of the domain.
pub(crate) trait DigestInput: Serialize {
    /// The text that the digest is taken of: JSON without white space, members in the struct's order.
    fn text(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|error| unreachable!("digest inputs serialize: {error}"))
    }
}

/// The digest of bytes, such as a component document.
pub fn of_bytes(bytes: &[u8]) -> Digest {
    let hash = Sha256::digest(bytes);
    let hex = hash
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    hex.parse()
        .unwrap_or_else(|_| unreachable!("64 hexadecimal digits are a digest"))
}

/// The digest of a versioned struct.
pub(crate) fn of(input: &impl DigestInput) -> Digest {
    of_bytes(input.text().as_bytes())
}

/// The digest of a policy that AWS refused: where it was to be written, over what, and its text.
///
/// The quarantine keeps it for a day.
pub fn of_refused_policy(resource: &str, expected: &str, wanted: &str) -> Digest {
    of(&RefusedPolicyDigestV1(resource, expected, wanted))
}

#[derive(Serialize)]
struct RefusedPolicyDigestV1<'a>(&'a str, &'a str, &'a str);

impl DigestInput for RefusedPolicyDigestV1<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of FIPS 180-4, appendix B.1.
    #[test]
    fn the_digest_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc").as_str(), expected);
    }

    #[test]
    fn the_text_of_a_refused_policy_stays() {
        let text = RefusedPolicyDigestV1("key", "{}", "{\"a\":1}").text();
        assert_eq!(text, r#"["key","{}","{\"a\":1}"]"#);
    }
}
