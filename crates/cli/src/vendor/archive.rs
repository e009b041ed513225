//! Files as a tar.gz archive: the same bytes for the same files, on every machine.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, Header};

use super::content::ContentFile;

/// The archive. Owner, time and all but one bit of the mode are left out.
pub fn archive(files: &[ContentFile]) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for file in files {
        let mut header = Header::new_gnu();
        header.set_size(file.bytes.len() as u64);
        header.set_mode(if file.is_executable { 0o755 } else { 0o644 });
        header.set_mtime(0);
        tar.append_data(&mut header, &file.path, file.bytes.as_slice())?;
    }
    let bytes = tar.into_inner()?;
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    gzip.finish()
}
