//! The command `imagebuilder-emulator`: parses its flags, prints its address, and serves until it
//! gets a signal.

#![allow(
    clippy::doc_markdown,
    reason = "names of services, such as EventBridge, are prose"
)]

use std::{error::Error, io::Write, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Parser;
use imagebuilder_emulator::{Clock, Emulator, MissingReference, Options, Quotas, Unknowns};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// EC2 Image Builder on a laptop
#[derive(Debug, Parser)]
#[command(version)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Flags {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4567")]
    listen: SocketAddr,

    /// How fast time passes: "real", "manual", or a factor such as 400
    #[arg(long, default_value = "real")]
    clock: Clock,

    /// AWS endpoint that has EventBridge, Lambda, SNS, STS and S3, for events, access keys and documents
    #[arg(long, value_name = "URL")]
    events_endpoint: Option<String>,

    /// Keep the state in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Quota: image pipelines of an account in a Region
    #[arg(long, default_value_t = Quotas::default().pipelines)]
    max_pipelines: usize,

    /// Quota: builds of an account in a Region that run at once
    #[arg(long, default_value_t = Quotas::default().concurrent_builds)]
    max_concurrent_builds: usize,

    /// Quota: components in a recipe
    #[arg(long, default_value_t = Quotas::default().components_of_a_recipe)]
    max_components: usize,

    /// Not documented: the error for a reference to something that does not exist
    #[arg(long, value_enum, default_value = "not-found")]
    missing_reference: MissingReference,

    /// Not documented: the last node of the first version of a series such as 1.0.x
    #[arg(long, default_value_t = 0)]
    first_patch: u32,

    /// Not documented: failed and cancelled images do not list the AMI that they left behind
    #[arg(long)]
    hide_unfinished_amis: bool,

    /// Not documented: a pipeline whose build runs cannot be started by hand (ResourceInUseException)
    #[arg(long)]
    single_run: bool,

    /// Not documented: a recipe cannot be deleted while there are images of it
    #[arg(long)]
    images_keep_recipes: bool,

    /// Not documented: runs of spaces, underscores and hyphens in names fold to one hyphen
    #[arg(long)]
    collapse_separators: bool,

    /// Not documented: ListImagePipelineImages lists the oldest first
    #[arg(long)]
    oldest_images_first: bool,

    /// Not documented: how long a cancellation takes
    #[arg(long, value_name = "SECONDS", default_value_t = Unknowns::default().cancellation_seconds)]
    cancellation: u32,

    /// Not documented: how long a client token is remembered; for ever by default
    #[arg(long, value_name = "SECONDS")]
    token_lifetime: Option<u32>,
}

impl Flags {
    fn options(&self) -> Options {
        Options {
            clock: self.clock,
            start: None,
            events_endpoint: self.events_endpoint.clone(),
            quotas: Quotas {
                pipelines: self.max_pipelines,
                concurrent_builds: self.max_concurrent_builds,
                components_of_a_recipe: self.max_components,
                ..Quotas::default()
            },
            unknowns: Unknowns {
                missing_reference: self.missing_reference,
                first_patch: self.first_patch,
                amis_of_unfinished_images: !self.hide_unfinished_amis,
                parallel_runs: !self.single_run,
                recipes_outlived_by_images: !self.images_keep_recipes,
                collapsed_separators: self.collapse_separators,
                oldest_images_first: self.oldest_images_first,
                cancellation_seconds: self.cancellation,
                token_seconds: self.token_lifetime,
            },
        }
    }
}

// Calls take tenths of a millisecond: a second thread would only bring a second heap.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: &dyn Error = error.as_ref();
            tracing::error!(error, "the emulator stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(flags.listen).await?;
    writeln!(
        std::io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    let shutdown = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let emulator = Emulator::new(flags.options());
    match flags.state {
        Some(file) => Ok(emulator.serve_from(file, listener, shutdown).await?),
        None => Ok(emulator.serve(listener, shutdown).await?),
    }
}
