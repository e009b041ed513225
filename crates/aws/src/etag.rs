//! What an `ETag` proves about an object.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

/// Whether an object with this `ETag` surely has this content: of an object that was put in one piece
/// and not encrypted by KMS it is the MD5 of the content (S3 API reference, `Object`). Of another one
/// this is unknown, and the answer is no.
pub fn is_surely(etag: &str, content: &[u8]) -> bool {
    is_of(etag, &md5(content))
}

/// Whether an object with this `ETag` surely has content with this MD5.
pub(crate) fn is_of(etag: &str, md5: &str) -> bool {
    etag.trim_matches('"') == md5
}

/// The MD5 of some content, in hexadecimal digits.
pub(crate) fn md5(content: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Md5::digest(content) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_that_is_no_md5_proves_nothing() {
        // RFC 1321, A.5: MD5 ("abc").
        assert!(is_surely("\"900150983cd24fb0d6963f7d28e17f72\"", b"abc"));
        assert!(!is_surely("\"900150983cd24fb0d6963f7d28e17f72\"", b"abd"));
        assert!(!is_surely("\"900150983cd24fb0d6963f7d28e17f72-1\"", b"abc"));
    }
}
