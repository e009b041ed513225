//! `goldsmith`: what the documents would do, what is, and why, for people and pull requests.
//!
//! One module a command; [`arguments`] is what they take, [`draw`] how a review looks, and [`voice`]
//! the only place that writes to the terminal: data to stdout, talk to stderr.

mod apply;
mod arguments;
mod build;
mod check;
mod completions;
mod consumer;
mod documents;
mod draw;
mod exit;
mod failure;
mod init;
mod logs;
mod plan;
mod repository;
mod schema;
mod stack;
mod status;
mod verify;
mod voice;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit::Exit;
use failure::Failure;
use voice::Voice;

fn main() -> ExitCode {
    let voice = Voice::of_process();
    let exit = match Arguments::try_parse() {
        Ok(arguments) => run(&arguments.command, voice).unwrap_or_else(|failure| {
            voice.fail(&failure, failure.hint().as_deref());
            Exit::Error
        }),
        Err(refusal) => voice.usage(&refusal),
    };
    exit.into()
}

fn run(command: &Command, voice: Voice) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::run(arguments, voice),
        Command::Consumer(arguments) => consumer::run(arguments, voice),
        Command::Init(arguments) => init::run(arguments, voice),
        Command::Schema(arguments) => schema::run(arguments, voice),
        Command::Completions(arguments) => Ok(completions::run(arguments, voice)),
        Command::Plan(arguments) => wait(plan::run(arguments, voice)),
        Command::Apply(arguments) => wait(apply::run(arguments, voice)),
        Command::Status(arguments) => wait(status::run(arguments, voice)),
        Command::Build(arguments) => wait(build::run(arguments, voice)),
        Command::Verify(arguments) => wait(verify::run(arguments, voice)),
        Command::Logs(arguments) => wait(logs::run(arguments, voice)),
    }
}

/// Carries out a command that talks to AWS.
fn wait(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(Failure::Runtime)?.block_on(command)
}
