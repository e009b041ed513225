//! Paths as the repository sees them.

use std::path::{Path, PathBuf};

/// The root of the repository that holds `path`, which has to be absolute; none outside of one.
pub fn root(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| folder.join(".git").exists())
}

/// `path` as it is seen from the root of its repository, or else from where we are, or else itself.
pub fn relative(path: &Path) -> PathBuf {
    let Ok(real) = path.canonicalize() else {
        return path.to_owned();
    };
    let here = std::env::current_dir().ok();
    let base = root(&real).or(here.as_deref());
    base.and_then(|base| real.strip_prefix(base).ok())
        .unwrap_or(path)
        .to_owned()
}
