//! The file that `--state` names: read at the start, written while the emulator runs.
//!
//! A new file is written beside it and renamed over it, so the file is always whole. A crash can
//! only lose what happened since the last write, some tenths of a second.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{emulator::Emulator, snapshot::SnapshotError};

/// The shortest pause between two writings.
const PAUSE: Duration = Duration::from_millis(100);

/// How much longer than the last writing the pause is: a large state may take a tenth of the time.
const SHARE: u32 = 9;

/// The state cannot be kept in its file.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The file is there, and cannot be read.
    #[error("cannot read the state in {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// The file is there, and is not a snapshot. It is left as it is.
    #[error("cannot use the state in {}; move the file away to start with an empty state", .0.display())]
    Snapshot(PathBuf, #[source] SnapshotError),
    /// The state cannot be written.
    #[error("cannot write the state to {}", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

/// A state file.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    written: Option<u64>,
}

impl StateFile {
    /// Puts the file's state into the emulator, if there is the file.
    pub fn open(path: PathBuf, emulator: &Emulator) -> Result<Self, StateFileError> {
        match fs::read(&path) {
            Ok(text) => {
                emulator
                    .restore(&text)
                    .map_err(|error| StateFileError::Snapshot(path.clone(), error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StateFileError::Read(path, error)),
        }
        Ok(Self {
            path,
            written: None,
        })
    }

    /// Writes the state again and again, whenever it has changed. Ends only if it cannot.
    pub async fn keep(&mut self, emulator: &Emulator) -> StateFileError {
        loop {
            let started = Instant::now();
            if let Err(error) = self.write(emulator) {
                return error;
            }
            tokio::time::sleep(PAUSE.max(started.elapsed() * SHARE)).await;
        }
    }

    /// Writes the state, if it has changed since the last time.
    pub fn write(&mut self, emulator: &Emulator) -> Result<(), StateFileError> {
        let changes = emulator.changes();
        if self.written == Some(changes) {
            return Ok(());
        }
        let failed = |error| StateFileError::Write(self.path.clone(), error);
        let state = emulator
            .state()
            .map_err(|error| failed(io::Error::other(error)))?;
        replace(&self.path, state.as_bytes()).map_err(failed)?;
        self.written = Some(changes);
        Ok(())
    }
}

/// Replaces a file as a whole.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
