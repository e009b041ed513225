//! The files that an import reads: texts by their paths in the folder that is imported.

use std::collections::BTreeMap;

/// A text file, as it was read or as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path below the folder, with `/` between its parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A file that is there and whose text was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its path below the folder.
    pub path: String,
    /// Why it was not read, as half a sentence, such as `it is not UTF-8 text`.
    pub why: String,
}

/// The files of a folder.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: BTreeMap<String, String>,
    unread: BTreeMap<String, String>,
}

impl Sources {
    /// The files by their paths; of two files with one path, the last counts.
    pub fn new(files: Vec<SourceFile>, unread: Vec<Unread>) -> Self {
        let texts = files.into_iter().map(|file| (file.path, file.text));
        let unread = unread.into_iter().map(|file| (file.path, file.why));
        Self {
            texts: texts.collect(),
            unread: unread.collect(),
        }
    }

    /// The paths of all texts, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The text of a file; none if there is no such file, or if it was not read.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(&normal(path)?).map(String::as_str)
    }

    /// Why there is no text for `path`.
    pub(crate) fn missing(&self, path: &str) -> String {
        let Some(normal) = normal(path) else {
            return "the path leads out of the folder".to_owned();
        };
        match self.unread.get(&normal) {
            Some(why) => why.clone(),
            None => "there is no such file in the folder".to_owned(),
        }
    }

    /// The files below a folder, with their paths below it.
    pub(crate) fn below(&self, folder: &str) -> Vec<(&str, &str)> {
        let Some(folder) = normal(folder) else {
            return Vec::new();
        };
        let prefix = match folder.as_str() {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let all = self.texts.iter();
        all.filter_map(|(path, text)| Some((path.strip_prefix(&prefix)?, text.as_str())))
            .collect()
    }

    /// The files below a folder that were not read, with the reasons.
    pub(crate) fn unread_below(&self, folder: &str) -> Vec<(&str, &str)> {
        let prefix = normal(folder).map(|folder| format!("{folder}/"));
        let below = |path: &str| {
            prefix
                .as_deref()
                .is_some_and(|prefix| prefix == "/" || path.starts_with(prefix))
        };
        let all = self.unread.iter();
        all.filter(|(path, _)| below(path))
            .map(|(path, why)| (path.as_str(), why.as_str()))
            .collect()
    }
}

/// The path without `.` and `..`; none if it is absolute or leads out of the folder.
pub(crate) fn normal(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path that is written beside the file `origin`.
pub(crate) fn beside(origin: &str, path: &str) -> String {
    match origin.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => format!("{folder}/{path}"),
        _ => path.to_owned(),
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_folder() {
        assert_eq!(normal("./a/../b//c").as_deref(), Some("b/c"));
        assert_eq!(normal("../b"), None);
        assert_eq!(normal("a/../../b"), None);
        assert_eq!(normal("/etc/passwd"), None);
    }

    #[test]
    fn files_below_a_folder_have_paths_of_their_own() {
        let file = |path: &str| SourceFile {
            path: path.to_owned(),
            text: String::new(),
        };
        let sources = Sources::new(vec![file("a/b/c"), file("ab/c")], Vec::new());
        assert_eq!(sources.below("./a/"), [("b/c", "")]);
        assert_eq!(sources.below(".").len(), 2);
    }
}
