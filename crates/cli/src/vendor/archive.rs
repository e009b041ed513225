//! Files as a tar.gz archive: the same bytes for the same files, on every machine.

use std::io::{self, Read as _, Write as _};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use tar::{Builder, Header};

use super::content::ContentFile;

/// The most bytes of an archive that is unpacked: a component of 64 KB has less.
const MOST_UNPACKED: u64 = 64 << 20;

/// The archive.
pub fn archive(files: &[ContentFile]) -> io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    gzip.write_all(&tar(files)?)?;
    gzip.finish()
}

/// Whether an archive holds exactly these files. Another release of the compressor may give it other bytes.
pub fn holds(archive: &[u8], files: &[ContentFile]) -> bool {
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(archive)
        .take(MOST_UNPACKED)
        .read_to_end(&mut unpacked);
    read.is_ok() && tar(files).is_ok_and(|expected| expected == unpacked)
}

/// The files without compression. Owner, time and all but one bit of the mode are left out.
fn tar(files: &[ContentFile]) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for file in files {
        let mut header = Header::new_gnu();
        header.set_size(file.bytes.len() as u64);
        header.set_mode(if file.is_executable { 0o755 } else { 0o644 });
        header.set_mtime(0);
        tar.append_data(&mut header, &file.path, file.bytes.as_slice())?;
    }
    tar.into_inner()
}
