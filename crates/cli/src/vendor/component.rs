//! The component document that puts a folder on an instance.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use goldsmith_domain::digest;

use super::Folder;

/// How long a line of the archive is; the length of base64 in mails (RFC 2045).
const LINE: usize = 76;

/// The archive in a document that this module has made; none of any other text.
pub fn archive_in(document: &str) -> Option<Vec<u8>> {
    let (_, rest) = document.split_once("<<'END'\n")?;
    // A line of the archive may end with these letters: only the mark stands alone.
    let (encoded, _) = rest.split_once(" END\n")?;
    let encoded: String = encoded.split_whitespace().collect();
    STANDARD.decode(encoded).ok()
}

/// The document: a script that writes the archive below the folder of goldsmith, and checks it.
pub fn document(folder: &Folder, archive: &[u8]) -> String {
    let Folder { kind, name } = folder;
    let (path, phase) = (folder.path(), kind.phase());
    let sum = digest::of_bytes(archive);
    let mut text = format!(
        "# Made by `goldsmith vendor` of {path}: change the folder, and run it again.
name: content-{name}
description: Puts {path} on the instance as content/{name}.
schemaVersion: 1.0
phases:
  - name: {phase}
    steps:
      - name: Content
        action: ExecuteBash
        timeoutSeconds: 60
        inputs:
          commands:
            - |
              set -eu
              umask 077
              folder=\"${{GOLDSMITH_FOLDER:-/var/lib/goldsmith}}/content\"
              mkdir -p \"$folder\"
              cd \"$folder\"
              base64 --decode >{name}.tar.gz <<'END'
"
    );
    let encoded = STANDARD.encode(archive);
    for line in encoded.as_bytes().chunks(LINE) {
        let line = std::str::from_utf8(line).unwrap_or_default();
        let _ = writeln!(text, "              {line}");
    }
    let _ = write!(
        text,
        "              END
              echo '{sum}  {name}.tar.gz' | sha256sum --check --strict
"
    );
    text
}
