//! git's own command, as little of it as possible, and bounded.
//!
//! What it fetches is data of a stranger. So nothing of the repository is checked out by git: no hook, filter,
//! attribute, link or submodule of it ever has an effect. User and password are no argument, which every process
//! could see.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{MOST_BYTES, PullError};
use super::remote::Remote;

/// The longest that a fetch may take.
const LONGEST: Duration = Duration::from_mins(5);
/// How often that is looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// The most that is read of what git says.
const MOST_SAID: u64 = 8 << 10;

/// Variables that would lead git to another repository, or let it print what it sends.
const REMOVED: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_TEMPLATE_DIR",
    "GIT_CEILING_DIRECTORIES",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_CURL_VERBOSE",
];

/// Settings of every command.
const SETTINGS: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// A repository without a work tree, in a folder of its own.
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// Makes an empty repository.
    pub fn create(folder: PathBuf) -> Result<Self, PullError> {
        let repository = Self { folder };
        let mut init = command();
        init.args(["init", "--quiet", "--bare", "--template=", "--"]);
        init.arg(&repository.folder);
        run(init, None, &|_| Ok(())).map_err(|error| error.during("init"))?;
        Ok(repository)
    }

    /// Fetches one commit of a repository, with what the user has configured to reach it; returns its id.
    pub fn fetch(&self, remote: &Remote, reference: &str) -> Result<String, PullError> {
        let mut fetch = self.command();
        let number = std::env::var("GIT_CONFIG_COUNT").ok();
        let number: usize = number.and_then(|count| count.parse().ok()).unwrap_or(0);
        fetch
            .env("GIT_CONFIG_COUNT", (number + 1).to_string())
            .env(
                format!("GIT_CONFIG_KEY_{number}"),
                "remote.configuration.url",
            )
            .env(format!("GIT_CONFIG_VALUE_{number}"), remote.as_str())
            .env("GIT_ALLOW_PROTOCOL", remote.protocol())
            .args(["fetch", "--quiet", "--depth=1", "--no-tags"])
            .args(["--no-recurse-submodules", "--no-auto-maintenance", "--"])
            .args(["configuration", reference]);
        let within = |started: Instant| {
            if size(&self.folder) > MOST_BYTES {
                return Err(PullError::TooLarge);
            }
            if started.elapsed() > LONGEST {
                return Err(PullError::TooSlow);
            }
            Ok(())
        };
        run(fetch, Some(remote), &within).map_err(|error| error.during("fetch"))?;
        if size(&self.folder) > MOST_BYTES {
            return Err(PullError::TooLarge);
        }
        self.commit()
    }

    fn commit(&self) -> Result<String, PullError> {
        let mut parse = self.offline();
        parse.args(["rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"]);
        let said = run(parse, None, &|_| Ok(())).map_err(|error| error.during("rev-parse"))?;
        Ok(said.trim().to_owned())
    }

    /// Starts a command that reads what was fetched, without anything that the user has configured.
    pub fn read(&self, arguments: &[&str], stdin: Stdio) -> Result<Reader, PullError> {
        let mut command = self.offline();
        command.args(arguments).stdin(stdin);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(PullError::NoGit)?;
        let stdout = child.stdout.take();
        let stdout = stdout.ok_or_else(|| PullError::NoGit(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Reader { child, stdout })
    }

    fn command(&self) -> Command {
        let mut command = command();
        command.arg("--git-dir").arg(&self.folder);
        command
    }

    fn offline(&self) -> Command {
        let mut command = self.command();
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "");
        command
    }
}

/// A command that reads, with its output. It ends with this value.
pub struct Reader {
    /// The command.
    pub child: Child,
    /// What it prints.
    pub stdout: ChildStdout,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// git, without what could lead it elsewhere.
fn command() -> Command {
    let mut command = Command::new("git");
    for name in REMOVED {
        command.env_remove(name);
    }
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

/// Runs a command as long as `within` lets it; what it printed.
fn run(
    mut command: Command,
    remote: Option<&Remote>,
    within: &dyn Fn(Instant) -> Result<(), PullError>,
) -> Result<String, PullError> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(PullError::NoGit)?;
    let out = child.stdout.take().map(beginning);
    let err = child.stderr.take().map(beginning);
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(PullError::NoGit)? {
            break status;
        }
        if let Err(error) = within(started) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
        thread::sleep(PAUSE);
    };
    let text = |thread: Option<thread::JoinHandle<String>>| {
        let said = thread.and_then(|thread| thread.join().ok());
        said.unwrap_or_default()
    };
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Ok(out);
    }
    let said = remote.map_or(err.clone(), |remote| remote.censored(&err));
    Err(PullError::Git {
        what: "",
        said: said.trim().to_owned(),
    })
}

/// The beginning of what a command prints; the rest is read and dropped, so that it does not block.
fn beginning(stream: impl io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut stream = stream;
        let mut bytes = Vec::new();
        let _ = (&mut stream).take(MOST_SAID).read_to_end(&mut bytes);
        let _ = io::copy(&mut stream, &mut io::sink());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// How many bytes the files below a folder have.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}
