//! The beginning of an object: whoever stores 100 MB must not make us hold them.

use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};

/// What we write ourselves is smaller: a report of a thousand recipes has less than 1 MiB. More is somebody
/// else's, and its beginning is enough to find that out.
pub(crate) const LARGEST_OUTPUT: usize = 16 * 1024 * 1024;

/// The content of an object, or at least `most` bytes of it.
pub(crate) async fn beginning(
    mut body: ByteStream,
    most: usize,
) -> Result<Vec<u8>, ByteStreamError> {
    let mut bytes = Vec::new();
    while bytes.len() <= most
        && let Some(chunk) = body.next().await
    {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}
