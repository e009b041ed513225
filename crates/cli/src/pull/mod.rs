//! `goldsmith pull`: the files of a configuration repository at one commit, beside the documents.
//!
//! The repository is fetched into a folder of its own, and its files are written beside it. Only then they take the
//! place of what was pulled before. So if the repository cannot be used, what was there stays.

mod error;
mod export;
mod git;
mod remote;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use goldsmith_layers::{Key, Prefix};

use serde::Serialize;

use crate::arguments::{Format, Pull};
use crate::configuration::{FOLDER, Pulled, STATE};
use crate::exit::Exit;
use crate::json;
use crate::printer::Printer;
use crate::render::phrase::count;
use error::PullError;
use export::{Exported, export};
use git::Repository;
use remote::Remote;

/// The URL that switches the configuration off.
const NONE: &str = "none";
/// How many of the files that were left out are listed.
const MOST_LISTED: usize = 10;

/// Pulls the configuration, or removes what was pulled before.
pub fn run(arguments: &Pull, printer: Printer) -> Result<Exit, PullError> {
    let dir = &arguments.dir;
    if !dir.is_dir() {
        return Err(PullError::NoFolder(dir.clone()));
    }
    let url = given(arguments.url.as_deref(), "PIPELINE_CONFIG_URL");
    let url = url.ok_or(PullError::Unnamed)?;
    let place = Place::of(dir)?;
    if url == NONE {
        place.clear()?;
        printer.stderr("the configuration is switched off: nothing was pulled");
        if arguments.format == Format::Json {
            printer.stdout(&json::pretty(&Answer::default())?);
        }
        return Ok(Exit::Done);
    }
    let remote = Remote::parse(&url)?;
    let reference = given(arguments.reference.as_deref(), "PIPELINE_CONFIG_REF");
    let reference = reference.unwrap_or_else(|| "HEAD".to_owned());
    let mut pulled = Pulled {
        url: remote.shown(),
        reference: remote::reference(&reference)?.to_owned(),
        commit: String::new(),
        prefix: parsed::<Prefix>(arguments.prefix.as_deref())?,
        key: parsed::<Key>(arguments.key.as_deref())?,
    };
    let work = Work::create(&place)?;
    let repository = Repository::create(work.path("repository"))?;
    pulled.commit = repository.fetch(&remote, &reference)?;
    let exported = export(&repository, &pulled.commit, &work.files()?)?;
    place.replace(&work, &pulled)?;
    match arguments.format {
        Format::Text => report(dir, &pulled, &exported, printer),
        Format::Json => printer.stdout(&json::pretty(&Answer::new(dir, &pulled, &exported))?),
    }
    Ok(Exit::Done)
}

/// What was pulled, for programs.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Answer<'a> {
    /// The configuration; none if it is switched off.
    pulled: Option<&'a Pulled>,
    /// The folder of its files.
    directory: Option<String>,
    /// How many files were written.
    files: usize,
    /// What was not.
    left_out: Vec<LeftOut<'a>>,
}

/// A file that was left out.
#[derive(Debug, Serialize)]
struct LeftOut<'a> {
    path: &'a str,
    reason: &'a str,
}

impl<'a> Answer<'a> {
    fn new(dir: &Path, pulled: &'a Pulled, exported: &'a Exported) -> Self {
        let left_out = exported
            .left_out
            .iter()
            .map(|(path, why)| LeftOut { path, reason: why });
        Self {
            pulled: Some(pulled),
            directory: Some(dir.join(FOLDER).display().to_string()),
            files: exported.written,
            left_out: left_out.collect(),
        }
    }
}

/// What a flag or a variable says; an empty one says nothing.
fn given(flag: Option<&str>, variable: &str) -> Option<String> {
    let variable = std::env::var(variable).ok();
    let given = flag.map(str::to_owned).or(variable);
    given.filter(|text| !text.is_empty())
}

/// A text that can be read as `T`, as it is written then.
fn parsed<T>(text: Option<&str>) -> Result<Option<String>, T::Err>
where
    T: std::str::FromStr + ToString,
{
    text.map(|text| Ok(text.parse::<T>()?.to_string()))
        .transpose()
}

fn report(dir: &Path, pulled: &Pulled, exported: &Exported, printer: Printer) {
    let files = count(exported.written, "file", "files");
    let folder = dir.join(FOLDER);
    printer.stdout(&format!(
        "{} at {}: {files} in {}\n",
        pulled.url,
        pulled.commit,
        folder.display()
    ));
    for (path, why) in exported.left_out.iter().take(MOST_LISTED) {
        printer.warn(&format!("{path} was left out: {why}"));
    }
    let more = exported.left_out.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        printer.warn(&format!("{more} more were left out"));
    }
}

/// Where the configuration goes.
struct Place {
    target: PathBuf,
    folder: PathBuf,
    state: PathBuf,
}

impl Place {
    /// The place in a folder. Nothing that is there may lead elsewhere, or be somebody's own clone.
    fn of(dir: &Path) -> Result<Self, PullError> {
        let place = Self {
            target: dir.join("target"),
            folder: dir.join(FOLDER),
            state: dir.join(STATE),
        };
        for path in [&place.target, &place.folder, &place.state] {
            let is_link = path.symlink_metadata().is_ok_and(|data| data.is_symlink());
            if is_link {
                return Err(occupied(path, "is a link"));
            }
        }
        if place.folder.join(".git").symlink_metadata().is_ok() {
            return Err(occupied(
                &place.folder,
                "is a clone that somebody else made",
            ));
        }
        if place.folder.exists() && !place.folder.is_dir() {
            return Err(occupied(&place.folder, "is no folder"));
        }
        Ok(place)
    }

    /// Removes what was pulled. The state goes first: files without a state are only files.
    fn clear(&self) -> Result<(), PullError> {
        gone(&self.state, fs::remove_file(&self.state))?;
        gone(&self.folder, fs::remove_dir_all(&self.folder))
    }

    /// Lets new files take the place of the old ones.
    fn replace(&self, work: &Work, pulled: &Pulled) -> Result<(), PullError> {
        let text = json::pretty(pulled)?;
        self.clear()?;
        fs::rename(work.path("files"), &self.folder).map_err(unwritable(&self.folder))?;
        let state = work.path("state.json");
        fs::write(&state, text).map_err(unwritable(&state))?;
        fs::rename(state, &self.state).map_err(unwritable(&self.state))
    }
}

/// A folder beside the place, which is gone at the end.
struct Work(PathBuf);

impl Work {
    fn create(place: &Place) -> Result<Self, PullError> {
        fs::create_dir_all(&place.target).map_err(unwritable(&place.target))?;
        let name = format!(".pipeline-config-{}", std::process::id());
        let folder = place.target.join(name);
        // Left by a process of the same number, which was killed.
        gone(&folder, fs::remove_dir_all(&folder))?;
        fs::create_dir(&folder).map_err(unwritable(&folder))?;
        Ok(Self(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// An empty folder for the files.
    fn files(&self) -> Result<PathBuf, PullError> {
        let folder = self.path("files");
        fs::create_dir(&folder).map_err(unwritable(&folder))?;
        Ok(folder)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn occupied(path: &Path, why: &'static str) -> PullError {
    PullError::Occupied {
        path: path.to_owned(),
        why,
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> PullError {
    let path = path.to_owned();
    move |source| PullError::Unwritable { path, source }
}

/// It is fine if there was nothing to remove.
fn gone(path: &Path, removed: io::Result<()>) -> Result<(), PullError> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
