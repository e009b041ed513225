//! Which environments a folder has, for commands that were given none.

use std::path::{Path, PathBuf};

use crate::documents;

/// Where environments are by convention.
const CONVENTION: &str = "ami-versions";

/// The folders of environments in `here`: itself, or those in it, or those in its `ami-versions`.
pub fn environments(here: &Path) -> Vec<PathBuf> {
    if documents::is_environment(here) {
        return vec![here.to_owned()];
    }
    let below = |folder: &Path| -> Vec<PathBuf> {
        let names = documents::environments(folder).into_iter();
        names.map(|name| folder.join(name)).collect()
    };
    let direct = below(here);
    let found = if direct.is_empty() {
        below(&here.join(CONVENTION))
    } else {
        direct
    };
    found.into_iter().map(plain).collect()
}

/// A path as people write it: without `./` at its beginning.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_here_or_in_it_or_where_they_are_by_convention() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        assert_eq!(environments(here), Vec::<PathBuf>::new());
        let add = |folder: PathBuf| {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("environment.json"), "{}").expect("a file");
            folder
        };
        let prod = add(here.join("ami-versions/prod"));
        let nonprod = add(here.join("ami-versions/nonprod"));
        assert_eq!(environments(here), [nonprod, prod]);
        let direct = add(here.join("other"));
        assert_eq!(environments(here), [direct]);
        add(here.to_owned());
        assert_eq!(environments(here), [here.to_owned()]);
    }
}
