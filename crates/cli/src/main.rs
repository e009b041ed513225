//! `goldsmith`: what the documents would change, what exists, and why, for people and pull requests.
//!
//! One module for each command, with an error type of its own in it. [`arguments`] is the command line,
//! [`render`] how a review looks, [`error`] what the errors have in common. [`printer`] alone writes to the
//! terminal: data to stdout, messages to stderr.

mod apply;
mod arguments;
mod build;
mod check;
mod completions;
mod configuration;
mod consumer;
mod decide;
mod doctor;
mod documents;
mod error;
mod exit;
mod explain;
mod failures;
mod folders;
mod history;
mod import;
mod init;
mod json;
mod layers;
mod logs;
mod operate;
mod overview;
mod patience;
mod pipelines;
mod plan;
mod printer;
mod publish;
mod pull;
mod reconcile;
mod redrive;
mod render;
mod repository;
mod results;
mod sbom;
mod schema;
mod shell;
mod stack;
mod status;
mod tool;
mod vendor;
mod verbose;
mod verify;
mod version;
mod wait;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use error::{CommandError, Hint};
use exit::Exit;
use goldsmith_aws::show_calls;
use printer::Printer;

fn main() -> ExitCode {
    let printer = Printer::from_process();
    let exit = match Arguments::try_parse() {
        Ok(arguments) => {
            if arguments.verbose {
                show_calls(verbose::show);
            }
            run(arguments.command.as_ref(), printer).unwrap_or_else(|error| {
                printer.error(&error);
                Exit::Error
            })
        }
        Err(error) => printer.usage(&error),
    };
    exit.into()
}

fn run(command: Option<&Command>, printer: Printer) -> Result<Exit, CommandError> {
    let Some(command) = command else {
        return run_async(overview::run(printer));
    };
    Ok(match command {
        Command::Check(arguments) => check::run(arguments, printer)?,
        Command::Consumer(arguments) => consumer::run(arguments, printer)?,
        Command::Pull(arguments) => pull::run(arguments, printer)?,
        Command::Explain(arguments) => explain::run(arguments, printer)?,
        Command::Vendor(arguments) => vendor::run(arguments, printer)?,
        Command::Init(arguments) => init::run(arguments, printer)?,
        Command::Import(arguments) => run_async(import::run(arguments, printer))?,
        Command::Schema(arguments) => schema::run(arguments, printer)?,
        Command::Completions(arguments) => completions::run(arguments, printer),
        Command::Doctor(arguments) => run_async(doctor::run(arguments, printer))?,
        Command::Version(arguments) => run_async(version::run(arguments, printer))?,
        Command::Plan(arguments) => run_async(plan::run(arguments, printer))?,
        Command::Apply(arguments) => run_async(apply::run(arguments, printer))?,
        Command::Reconcile(arguments) => run_async(reconcile::run(arguments, printer))?,
        Command::Status(arguments) => run_async(status::run(arguments, printer))?,
        Command::Build(arguments) => run_async(build::run(arguments, printer))?,
        Command::Publish(arguments) => run_async(publish::run(arguments, printer))?,
        Command::Approve(arguments) => run_async(decide::approve(arguments, printer))?,
        Command::Reject(arguments) => run_async(decide::reject(arguments, printer))?,
        Command::Rollback(arguments) => run_async(decide::rollback(arguments, printer))?,
        Command::Failures(arguments) => run_async(failures::run(arguments, printer))?,
        Command::History(arguments) => run_async(history::run(arguments, printer))?,
        Command::Redrive(arguments) => run_async(redrive::run(arguments, printer))?,
        Command::Verify(arguments) => run_async(verify::run(arguments, printer))?,
        Command::Logs(arguments) => run_async(logs::run(arguments, printer))?,
        Command::Results(arguments) => run_async(results::run(arguments, printer))?,
        Command::Sbom(arguments) => run_async(sbom::run(arguments, printer))?,
    })
}

/// Runs a command that calls AWS.
fn run_async<E>(command: impl Future<Output = Result<Exit, E>>) -> Result<Exit, CommandError>
where
    CommandError: From<E>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    Ok(runtime.map_err(RuntimeError)?.block_on(command)?)
}

/// Nothing can be waited for.
#[derive(Debug, thiserror::Error)]
#[error("this process cannot wait for AWS")]
struct RuntimeError(#[source] io::Error);

impl Hint for RuntimeError {
    fn hint(&self) -> Option<String> {
        None
    }
}
