//! `goldsmith completions`.

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Completions};
use crate::exit::Exit;
use crate::voice::Voice;

/// Prints the script of a shell.
pub fn run(arguments: &Completions, voice: Voice) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "goldsmith",
        &mut script,
    );
    voice.data(&String::from_utf8_lossy(&script));
    Exit::Done
}
