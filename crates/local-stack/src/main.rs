//! `local-stack`: the embedded AWS for people. `make demo` and `make local` run it.

mod consumer;
mod demo;
mod local;
mod signals;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use local_stack::{Clock, Config, Quotas};

/// Runs the whole factory on this machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the factory at work: upload, builds, a second upload, the schedule
    Demo,
    /// Starts the stack and leaves it running until it is interrupted
    Up {
        /// How fast time passes for Image Builder: a factor, or "manual"; by default a build takes
        /// about three seconds
        #[arg(long)]
        clock: Option<Clock>,
        /// What time it is for Image Builder at the start, such as 2026-01-31T00:00:00Z; by default now
        #[arg(long)]
        start: Option<Timestamp>,
        /// Where the logs and the file `env` go, by default target/local
        #[arg(long)]
        directory: Option<PathBuf>,
        /// Deploys nothing, so that you can; the functions may then do only what their roles allow
        #[arg(long)]
        empty: bool,
        /// Quota: image pipelines of the account
        #[arg(long, default_value_t = Quotas::default().pipelines)]
        max_pipelines: usize,
        /// Quota: builds that run at once
        #[arg(long, default_value_t = Quotas::default().concurrent_builds)]
        max_concurrent_builds: usize,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let running = async {
        match command {
            Command::Demo => demo::run()
                .await
                .map_err(Box::<dyn std::error::Error>::from),
            Command::Up {
                clock,
                start,
                directory,
                empty,
                max_pipelines,
                max_concurrent_builds,
            } => {
                let quotas = Quotas {
                    pipelines: max_pipelines,
                    concurrent_builds: max_concurrent_builds,
                    ..Quotas::default()
                };
                let mut config = clock.map_or_else(Config::default, Config::with_clock);
                config.directory = directory;
                config.emulator.start = start;
                config.emulator.quotas = quotas;
                local::run(config, empty)
                    .await
                    .map_err(Box::<dyn std::error::Error>::from)
            }
        }
    };
    // Whatever a future holds when a signal drops it, the stack above all, is stopped by its drop.
    tokio::select! {
        result = running => code(result),
        signal = signals::asked_to_stop() => {
            terminal::stopped_by(signal);
            ExitCode::from(signal.exit_code())
        }
    }
}

fn code(result: Result<(), Box<dyn std::error::Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::failed(error.as_ref());
            ExitCode::FAILURE
        }
    }
}
