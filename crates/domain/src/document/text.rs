//! From bytes to text, and from an offset in the text to a line and a column.
//!
//! Owns the refusals that come before any parser: a document that is too large, empty, or not
//! UTF-8 is told apart here, in one problem, because a parser's word on it would be noise.

use super::DocumentFile;
use crate::problem::{Place, Problem};

/// The largest document that is read.
///
/// `ami-versions.json` with 1,000 entries is 70 KB, so this is ample; and it bounds what one bad
/// upload costs: a tree of nothing but brackets takes some 80 times the memory of its text.
pub const LARGEST: usize = 256 << 10;

const SAVE_AS_UTF8: &str = "save the file as UTF-8 without BOM";

/// The text of a document, or the one problem that keeps it from being text.
pub(super) fn decode(file: &DocumentFile) -> Result<&str, Box<Problem>> {
    let bytes = file.bytes.as_slice();
    let start = Place::start_of(&file.key);
    refuse_size(&start, file.size.max(bytes.len() as u64))?;
    refuse_encoding(&start, bytes)?;
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(file, error.valid_up_to()))?;
    if text.trim().is_empty() {
        return Err(start.problem("an empty file", "a document").into());
    }
    Ok(text)
}

fn refuse_size(start: &Place, bytes: u64) -> Result<(), Box<Problem>> {
    if bytes <= LARGEST as u64 {
        return Ok(());
    }
    // Tenths are counted in integers: a float would only add a lossy cast.
    let tenths = bytes.saturating_add(50_000) / 100_000;
    let found = format!("{}.{} MB ({bytes} bytes)", tenths / 10, tenths % 10);
    Err(start
        .problem(
            found,
            format!("at most {} KiB ({LARGEST} bytes)", LARGEST >> 10),
        )
        .into())
}

fn refuse_encoding(start: &Place, bytes: &[u8]) -> Result<(), Box<Problem>> {
    let found = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => "a byte order mark",
        // The first character of a document is ASCII: beside it, a NUL is the half of a UTF-16 unit.
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] => "UTF-16 text",
        _ => return Ok(()),
    };
    Err(start.problem(found, "UTF-8 text").hint(SAVE_AS_UTF8).into())
}

fn not_utf8(file: &DocumentFile, offset: usize) -> Problem {
    let (line, column) = Positions::of(&file.bytes).at(offset);
    let place = Place {
        line,
        column,
        ..Place::start_of(&file.key)
    };
    let byte = file.bytes.get(offset).copied().unwrap_or_default();
    place
        .problem(format!("the byte 0x{byte:02X}"), "UTF-8 text")
        .hint(SAVE_AS_UTF8)
}

/// Finds the line and column of an offset without walking the document from its start each time.
///
/// A document may have a problem in every other byte, all on one line; a walk from the start for
/// each would be quadratic.
pub(super) struct Positions<'a> {
    bytes: &'a [u8],
    /// The position of every [`STRIDE`]th byte.
    checkpoints: Vec<(usize, usize)>,
}

const STRIDE: usize = 1024;

impl<'a> Positions<'a> {
    /// The positions of a document.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let after = |position: &mut (usize, usize), chunk: &[u8]| {
            let before = *position;
            *position = advance(before, chunk);
            Some(before)
        };
        let checkpoints = bytes.chunks(STRIDE).scan((1, 1), after).collect();
        Self { bytes, checkpoints }
    }

    /// Line and column, both from 1, of the byte at `offset`; of the end, if it lies beyond.
    pub(super) fn at(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.bytes.len());
        // The end of a document whose length is a multiple of the stride has no checkpoint of its own.
        let index = (offset / STRIDE).min(self.checkpoints.len().saturating_sub(1));
        let from = self.checkpoints.get(index).copied().unwrap_or((1, 1));
        advance(from, &self.bytes[index * STRIDE..offset])
    }
}

/// The position after `bytes`: columns count characters, so the continuation bytes of UTF-8 do not.
fn advance(from: (usize, usize), bytes: &[u8]) -> (usize, usize) {
    bytes.iter().fold(from, |(line, column), byte| match byte {
        b'\n' => (line + 1, 1),
        0x80..=0xBF => (line, column),
        _ => (line, column + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(size: u64, bytes: &[u8]) -> DocumentFile {
        DocumentFile {
            key: "f".into(),
            version_id: String::new(),
            size,
            bytes: bytes.to_vec(),
        }
    }

    fn refused(bytes: &[u8]) -> (usize, usize, String) {
        let problem = decode(&file(bytes.len() as u64, bytes)).expect_err("not a document");
        (problem.line, problem.column, problem.found)
    }

    #[test]
    fn columns_count_characters() {
        let text = "äöü\nxÄ!";
        let positions = Positions::of(text.as_bytes());
        assert_eq!(positions.at(text.find('ü').expect("there")), (1, 3));
        assert_eq!(positions.at(text.find('!').expect("there")), (2, 3));
        assert_eq!(positions.at(text.len() + 9), (2, 4));
    }

    #[test]
    fn positions_are_the_same_on_both_sides_of_a_checkpoint() {
        let text = "ab\n".repeat(STRIDE);
        let positions = Positions::of(text.as_bytes());
        for offset in [
            0,
            1,
            STRIDE - 1,
            STRIDE,
            STRIDE + 1,
            3 * STRIDE - 1,
            3 * STRIDE,
        ] {
            assert_eq!(
                positions.at(offset),
                (1 + offset / 3, 1 + offset % 3),
                "offset {offset}"
            );
        }
        assert_eq!(Positions::of(b"").at(7), (1, 1));
    }

    #[test]
    fn utf_16_is_recognised_with_and_without_a_mark() {
        for bytes in [&b"\xFF\xFE{\0"[..], b"\xFE\xFF\0{", b"{\0\"\0", b"\0{\0\""] {
            assert_eq!(refused(bytes), (1, 1, "UTF-16 text".into()));
        }
    }

    #[test]
    fn the_first_byte_that_is_not_utf_8_is_pointed_at() {
        assert_eq!(
            refused(b"{\n \"\xC3\xA4\xE9\"}"),
            (2, 4, "the byte 0xE9".into())
        );
    }

    #[test]
    fn a_document_may_be_exactly_as_large_as_the_limit() {
        let largest = vec![b'x'; LARGEST];
        assert!(decode(&file(256 << 10, &largest)).is_ok());
        assert_eq!(refused(&vec![b'x'; LARGEST + 1]).2, "0.3 MB (262145 bytes)");
    }

    #[test]
    fn the_size_is_the_objects_and_not_what_was_read_of_it() {
        let found = |size| decode(&file(size, b"{")).expect_err("too large").found;
        assert_eq!(found(100_000_000), "100.0 MB (100000000 bytes)");
        assert_eq!(
            found(u64::MAX),
            "18446744073709.5 MB (18446744073709551615 bytes)"
        );
    }

    #[test]
    fn blanks_are_not_a_document() {
        assert_eq!(refused(b""), (1, 1, "an empty file".into()));
        assert_eq!(refused(b" \n\t\n"), (1, 1, "an empty file".into()));
    }
}
