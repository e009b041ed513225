//! Other programs of this machine that are asked something: each for a short time, and not more is read of it than
//! a page.

use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// The most that is read of what it prints.
const MOST: u64 = 64 << 10;

/// Why a program gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// It is not installed, or cannot be started.
    #[error("it cannot be started: {0}")]
    Missing(String),
    /// It ended with an error.
    #[error("it says: {0}")]
    Failed(String),
    /// It took too long.
    #[error("it gave no answer in {} seconds", .0.as_secs())]
    TooSlow(Duration),
}

/// What a program prints, if it ends well within this time. It is asked nothing on a terminal.
pub fn answer(mut command: Command, longest: Duration) -> Result<String, ToolError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let missing = |error: io::Error| ToolError::Missing(error.to_string());
    let mut child = command.spawn().map_err(missing)?;
    let out = child.stdout.take().map(beginning);
    let err = child.stderr.take().map(beginning);
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(missing)? {
            break status;
        }
        if started.elapsed() > longest {
            let _ = child.kill();
            let _ = child.wait();
            return Err(ToolError::TooSlow(longest));
        }
        thread::sleep(PAUSE);
    };
    let text = |thread: Option<thread::JoinHandle<String>>| {
        let said = thread.and_then(|thread| thread.join().ok());
        said.unwrap_or_default()
    };
    if status.success() {
        return Ok(text(out));
    }
    let said = text(err);
    Err(ToolError::Failed(
        said.lines().next().unwrap_or("nothing").to_owned(),
    ))
}

/// The beginning of what a program prints; the rest is read and dropped, so that it does not block.
fn beginning(stream: impl io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut stream = stream;
        let mut bytes = Vec::new();
        let _ = (&mut stream).take(MOST).read_to_end(&mut bytes);
        let _ = io::copy(&mut stream, &mut io::sink());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, longest: Duration) -> Result<String, ToolError> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        answer(command, longest)
    }

    #[test]
    fn an_answer_is_what_is_printed_and_an_error_its_first_line() {
        let minute = Duration::from_mins(1);
        assert_eq!(shell("echo a", minute), Ok("a\n".to_owned()));
        assert_eq!(
            shell("echo a; echo b >&2; echo c >&2; exit 3", minute),
            Err(ToolError::Failed("b".to_owned()))
        );
        let missing = answer(Command::new("/no/such/program"), minute);
        assert!(matches!(missing, Err(ToolError::Missing(_))), "{missing:?}");
    }

    #[test]
    fn a_program_without_end_is_ended() {
        let longest = Duration::from_millis(50);
        assert_eq!(
            shell("exec sleep 600", longest),
            Err(ToolError::TooSlow(longest))
        );
    }
}
