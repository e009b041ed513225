//! The ministack process: its port, its environment, its end.
//!
//! ministack and the functions' processes are one process group, whose leader reads a pipe that
//! only we hold. The kernel closes the pipe when we end, in whatever way, and the leader then kills
//! the group: no signal handler has to run for nothing to be left behind.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::config::{Config, REGION};
use crate::directory::Directory;

const LAUNCHER: &str = include_str!("ministack.py");

/// A free port can be taken by somebody else before ministack binds it, but not this often.
const ATTEMPTS: usize = 5;

/// A start takes about a second; a machine that is short of everything may need many.
const PATIENCE: Duration = Duration::from_mins(1);

const POLL: Duration = Duration::from_millis(50);

/// What hypercorn logs once it has bound the port.
const BOUND: &str = "Running on http";

/// What ministack logs when somebody was faster.
const TAKEN: &[&str] = &["already in use", "Address already in use"];

/// ministack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no virtual environment with ministack in it.
    #[error("{} is missing, `make local` creates it", .0.display())]
    Missing(PathBuf),
    /// The process or its log could not be created.
    #[error("ministack could not be run with its log in {}", .0.display())]
    Run(PathBuf, #[source] io::Error),
    /// The process ended at once.
    #[error("ministack ended before it was ready, its log is {}: {last_lines}", .log.display())]
    Ended {
        /// The log.
        log: PathBuf,
        /// How the log ends.
        last_lines: String,
    },
    /// The process is not ready yet.
    #[error("ministack was not ready after {} s, its log is {}", PATIENCE.as_secs(), .0.display())]
    Slow(PathBuf),
    /// Every port that was free was taken a moment later.
    #[error("no port stayed free for ministack, {ATTEMPTS} were tried")]
    NoPort,
}

/// A running ministack.
#[derive(Debug)]
pub(crate) struct Ministack {
    child: Child,
    port: u16,
}

/// What ministack does not answer for.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    /// Image Builder and EC2.
    pub imagebuilder: String,
    /// The proxy in front of ministack's KMS.
    pub kms: String,
}

/// Why an attempt did not lead to a running ministack.
enum Setback {
    PortTaken,
    Final(StartError),
}

impl Ministack {
    /// Starts ministack with Image Builder, EC2 and KMS elsewhere.
    pub async fn start(
        config: &Config,
        directory: &Directory,
        elsewhere: &Elsewhere,
    ) -> Result<Self, StartError> {
        let python = config.root.join("target/venv/stack/bin/python");
        if !python.exists() {
            return Err(StartError::Missing(python));
        }
        for _ in 0..ATTEMPTS {
            match Self::attempt(&python, config, directory, elsewhere).await {
                Err(Setback::PortTaken) => {}
                Err(Setback::Final(error)) => return Err(error),
                Ok(ministack) => return Ok(ministack),
            }
        }
        Err(StartError::NoPort)
    }

    pub fn endpoint(&self) -> String {
        endpoint(self.port)
    }

    /// The process group of ministack and the functions' processes.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    async fn attempt(
        python: &Path,
        config: &Config,
        directory: &Directory,
        elsewhere: &Elsewhere,
    ) -> Result<Self, Setback> {
        let log = directory.path().join("ministack.log");
        let running = |error| Setback::Final(StartError::Run(log.clone(), error));
        let port = free_port().map_err(running)?;
        let output = File::create(&log).map_err(running)?;
        let child = Command::new(python)
            .args(["-c", LAUNCHER])
            .env_clear()
            .envs(environment(port, directory, elsewhere))
            .env("AUTH", config.enforce_iam.to_string())
            .envs(config.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(output.try_clone().map_err(running)?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .map_err(running)?;
        let mut ministack = Self { child, port };
        ministack.ready(&log).await?;
        Ok(ministack)
    }

    /// Our own log tells of our own process: an answer on the port might be somebody else's.
    async fn ready(&mut self, log: &Path) -> Result<(), Setback> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let running = |error| Setback::Final(StartError::Run(log.to_owned(), error));
            let ended = self.child.try_wait().map_err(running)?.is_some();
            let lines = fs::read_to_string(log).map_err(running)?;
            if ended {
                return Err(setback(log, &lines));
            }
            if lines.contains(BOUND) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(Setback::Final(StartError::Slow(log.to_owned())))
    }
}

impl Drop for Ministack {
    /// The group dies by itself once the pipe is closed. The kill is for a leader that cannot read
    /// it any more, and the wait leaves no zombie; neither can fail in a way that matters.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(2) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything that ministack and the functions inherit.
fn environment(
    port: u16,
    directory: &Directory,
    elsewhere: &Elsewhere,
) -> Vec<(&'static str, String)> {
    let own = |text: &str| text.to_owned();
    vec![
        ("PATH", own("/usr/bin:/bin")),
        ("TMPDIR", directory.tmp().display().to_string()),
        ("RUNNING", directory.running().display().to_string()),
        ("SESSIONS", directory.sessions().display().to_string()),
        (
            "UNKNOWN_ACCOUNTS",
            directory.unknown_accounts().display().to_string(),
        ),
        ("BIND_HOST", own("127.0.0.1")),
        ("MINISTACK_HOST", own("127.0.0.1")),
        ("MINISTACK_REGION", own(REGION)),
        ("GATEWAY_PORT", port.to_string()),
        // Both listen on fixed ports, so that a second stack could not start.
        ("IOT_MTLS_ENABLED", own("false")),
        ("SFTP_ENABLED", own("false")),
        ("AWS_ENDPOINT_URL", endpoint(port)),
        (
            "AWS_ENDPOINT_URL_IMAGEBUILDER",
            own(&elsewhere.imagebuilder),
        ),
        ("AWS_ENDPOINT_URL_EC2", own(&elsewhere.imagebuilder)),
        ("AWS_ENDPOINT_URL_KMS", own(&elsewhere.kms)),
        // Lambda sets it from the template's LoggingConfig; ministack does not.
        ("AWS_LAMBDA_LOG_FORMAT", own("JSON")),
    ]
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn setback(log: &Path, lines: &str) -> Setback {
    if TAKEN.iter().any(|words| lines.contains(words)) {
        return Setback::PortTaken;
    }
    let last: Vec<_> = lines.lines().rev().take(5).collect();
    let last_lines = last.into_iter().rev().collect::<Vec<_>>().join(" | ");
    Setback::Final(StartError::Ended {
        log: log.to_owned(),
        last_lines,
    })
}
