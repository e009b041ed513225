//! The embedded AWS itself, with nothing deployed to it.

use std::io;
use std::net::TcpListener;
use std::path::Path;

use crate::aws::Aws;
use crate::config::{ACCOUNT, Config, REGION};
use crate::directory::Directory;
use crate::endpoints::Endpoints;
use crate::error::StartError;
use crate::kms::Kms;
use crate::ministack::{Elsewhere, Ministack};
use crate::serving::Serving;
use imagebuilder_emulator::{Clock, Emulator};

/// ministack with Image Builder, EC2 and an honest KMS; dropping it stops it.
pub struct Embedded {
    // Fields are dropped in this order: processes first, then the directory they write to.
    ministack: Ministack,
    _emulation: Serving,
    _kms_proxy: Serving,
    /// Image Builder itself: its clock, its faults, its base images and the calls it got.
    pub emulator: Emulator,
    /// KMS itself: what only a test can tell it.
    pub kms: Kms,
    /// The AWS that it is, seen by the root of the account that things are deployed to.
    pub aws: Aws,
    /// Where it listens.
    pub endpoints: Endpoints,
    pub(crate) manual: bool,
    directory: Directory,
}

impl Embedded {
    /// Starts it on free ports.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let naming = |error| StartError::Directory(format!("{:?}", config.directory), error);
        let directory = Directory::create(config).map_err(naming)?;
        let ((emulator_port, imagebuilder), (kms_port, kms_url)) = (listen()?, listen()?);
        let elsewhere = Elsewhere {
            imagebuilder,
            kms: kms_url,
        };
        let ministack = Ministack::start(config, &directory, &elsewhere)
            .await
            .map_err(StartError::Ministack)?;
        let endpoints = endpoints(&ministack, elsewhere);
        let emulator = emulator(config, &endpoints);
        let (kms, kms_proxy) = kms_proxy(&endpoints, &directory, kms_port)?;
        Ok(Self {
            _emulation: serve(emulator.clone(), emulator_port)?,
            _kms_proxy: kms_proxy,
            aws: Aws::new(&endpoints, ACCOUNT, REGION),
            manual: config.emulator.clock == Clock::Manual,
            ministack,
            emulator,
            kms,
            endpoints,
            directory,
        })
    }

    /// Whether a function runs now.
    pub(crate) fn are_functions_at_work(&self) -> bool {
        self.directory
            .running()
            .read_dir()
            .is_ok_and(|mut runs| runs.next().is_some())
    }

    /// From now on `account` does not exist, neither for KMS nor for S3: a policy of a key or of a bucket
    /// that names it is refused.
    pub fn account_is_unknown(&self, account: &str) -> io::Result<()> {
        self.kms.account_is_unknown(account);
        std::fs::write(self.directory.unknown_accounts().join(account), "")
    }

    /// From now on `account` exists again.
    pub fn account_is_known(&self, account: &str) -> io::Result<()> {
        self.kms.account_is_known(account);
        std::fs::remove_file(self.directory.unknown_accounts().join(account))
    }

    /// The stack's logs.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process group of ministack and the functions' processes.
    pub fn process_group(&self) -> u32 {
        self.ministack.id()
    }
}

fn emulator(config: &Config, endpoints: &Endpoints) -> Emulator {
    let mut options = config.emulator.clone();
    options.events_endpoint = Some(endpoints.aws.clone());
    Emulator::new(options)
}

/// A free port, and its URL.
fn listen() -> Result<(TcpListener, String), StartError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(StartError::Listen)?;
    let url = format!(
        "http://{}",
        listener.local_addr().map_err(StartError::Listen)?
    );
    Ok((listener, url))
}

fn endpoints(ministack: &Ministack, elsewhere: Elsewhere) -> Endpoints {
    Endpoints {
        aws: ministack.endpoint(),
        imagebuilder: elsewhere.imagebuilder,
        kms: elsewhere.kms,
    }
}

fn serve(emulator: Emulator, port: TcpListener) -> Result<Serving, StartError> {
    let serve = |listener| emulator.serve(listener, std::future::pending());
    Serving::start(port, serve).map_err(StartError::Listen)
}

/// KMS on its port; it sees ministack's own KMS.
fn kms_proxy(
    endpoints: &Endpoints,
    directory: &Directory,
    port: TcpListener,
) -> Result<(Kms, Serving), StartError> {
    let kms = Kms::default();
    let behind = Endpoints {
        kms: endpoints.aws.clone(),
        ..endpoints.clone()
    };
    let upstream = Aws::new(&behind, ACCOUNT, REGION);
    let serving = kms.serve(port, upstream, &endpoints.aws, directory.sessions());
    Ok((kms, serving.map_err(StartError::Listen)?))
}
