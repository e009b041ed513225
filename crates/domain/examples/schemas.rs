//! Writes the JSON Schemas of the documents to `ami-versions/schema/`, and docs/environment.md.

#![expect(
    clippy::disallowed_methods,
    reason = "the core writes nothing, and this is not the core"
)]

use std::path::Path;
use std::{fs, io};

use goldsmith_domain::document::schema::{reference, schemas};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("ami-versions/schema");
    fs::create_dir_all(&folder)?;
    for (name, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        fs::write(folder.join(format!("{name}.schema.json")), text)?;
    }
    fs::write(root.join("docs/environment.md"), reference())
}
