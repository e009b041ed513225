//! Content addresses: SHA-256 over canonical JSON.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::names::Digest;

/// The digest of bytes, such as a component document.
pub fn of_bytes(bytes: &[u8]) -> Digest {
    let hash = Sha256::digest(bytes);
    let hex = hash
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    hex.parse()
        .unwrap_or_else(|_| unreachable!("64 hexadecimal digits are a digest"))
}

/// The digest of a value: its JSON, with fields in declaration order and maps sorted.
///
/// Guarantee: equal values have equal digests, on every machine and in every release that keeps the
/// value's fields; give maps as `BTreeMap`.
pub fn of_value(value: &impl Serialize) -> Digest {
    let json =
        serde_json::to_vec(value).unwrap_or_else(|_| unreachable!("digest inputs serialize"));
    of_bytes(&json)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of FIPS 180-4, appendix B.1.
    #[test]
    fn the_digest_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc").as_str(), expected);
    }
}
