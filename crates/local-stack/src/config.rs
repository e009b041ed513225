//! What a stack can be told at its start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use imagebuilder_emulator::{Clock, Options};
use jiff::Timestamp;

/// The account that everything is deployed to.
pub const ACCOUNT: &str = "111122223333";

/// The Region that everything is deployed to.
pub const REGION: &str = "us-east-1";

/// The secret key of every account of the embedded AWS.
pub const SECRET: &str = "test";

/// A build of the emulator takes about twenty minutes; this makes three seconds of them.
const BUILD_IN_THREE_SECONDS: f64 = 400.0;

/// Settings of a stack.
#[derive(Debug, Clone)]
pub struct Config {
    /// The checkout: where the template, the zips and the virtual environment are.
    pub root: PathBuf,
    /// Where logs go, and stay; without it they go to a directory of the stack's own, which
    /// remains only if the thread panics.
    pub directory: Option<PathBuf>,
    /// Settings of the Image Builder emulator; its `events_endpoint` is overwritten.
    pub emulator: Options,
    /// Whether the functions may do only what their roles allow. Image Builder and EC2 allow
    /// everything all the same: the emulator knows no policies.
    pub enforce_iam: bool,
    /// Parameters of the template that are not their defaults, such as `UploaderArns`.
    pub parameters: Vec<(String, String)>,
    /// More environment variables for ministack, such as `CLOUDTRAIL_RECORDING=1`. The functions
    /// inherit them.
    pub environment: Vec<(String, String)>,
}

impl Default for Config {
    /// A build takes about three seconds.
    fn default() -> Self {
        Self::with_clock(Clock::Factor(BUILD_IN_THREE_SECONDS))
    }
}

impl Config {
    /// The default settings with another clock.
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            root: workspace_root(),
            directory: None,
            emulator: Options {
                clock,
                ..Options::default()
            },
            enforce_iam: false,
            parameters: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// The same settings, where Image Builder's clock starts this long ago.
    #[must_use]
    pub fn starting(mut self, ago: Duration) -> Self {
        self.emulator.start = Some(Timestamp::now() - ago);
        self
    }

    /// The same settings, with logs in `directory`.
    #[must_use]
    pub fn logging_to(self, directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: Some(directory.into()),
            ..self
        }
    }
}

/// The checkout that this crate was compiled in.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
