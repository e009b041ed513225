//! The one module that writes to the terminal: what happens goes to standard error, what comes of
//! it to standard output.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the program speaks to people"
)]

use std::error::Error;
use std::time::Duration;

use crate::signals::Signal;

/// A step begins.
pub fn step(what: &str) {
    eprintln!("\n==> {what}");
}

/// Something happened within a step.
pub fn note(what: &str) {
    eprintln!("    {what}");
}

/// A step is done.
pub fn done(what: &str, took: Duration) {
    eprintln!("    {what} ({:.1} s)", took.as_secs_f64());
}

/// Data, for people and for pipes.
pub fn data(text: &str) {
    println!("{text}");
}

/// The program ends because it was asked to.
pub fn stopped_by(signal: Signal) {
    eprintln!("\nstopped by {signal:?}");
}

/// The program ends because of an error.
pub fn failed(error: &dyn Error) {
    eprintln!("\nerror: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  caused by: {cause}");
        source = cause.source();
    }
}
