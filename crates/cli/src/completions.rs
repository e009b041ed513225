//! `goldsmith completions`.

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Completions};
use crate::exit::Exit;
use crate::printer::Printer;

/// Prints the script of a shell.
pub fn run(arguments: &Completions, printer: Printer) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "goldsmith",
        &mut script,
    );
    printer.script(&script);
    Exit::Done
}
