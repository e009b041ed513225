//! The only place that writes to the terminal: data goes to stdout, talk to stderr.
//!
//! Colour and progress are for people: both appear on a terminal only, and `NO_COLOR` (no-color.org)
//! takes the colour away.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval_at};

use crate::exit::Exit;

/// Nothing is said about what takes less than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// How we talk to whoever started us.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    colour: bool,
    /// Whether stderr is a terminal, on which a line may be drawn over.
    lively: bool,
}

/// How a word stands out.
#[derive(Debug, Clone, Copy)]
enum Ink {
    Red,
    Yellow,
    Cyan,
}

#[expect(
    clippy::unused_self,
    reason = "whoever writes to the terminal has to have been given the voice"
)]
impl Voice {
    /// The voice that fits this process.
    pub fn of_process() -> Self {
        let lively = io::stderr().is_terminal();
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: lively && !unwanted,
            lively,
        }
    }

    /// Writes data. A reader that has gone, such as `head`, is no error.
    pub fn data(self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Says something beside the data.
    pub fn say(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Says what to look at.
    pub fn warn(self, text: &str) {
        self.labelled("warning", Ink::Yellow, text);
    }

    /// Says what would help.
    pub fn hint(self, text: &str) {
        self.labelled("hint", Ink::Cyan, text);
    }

    /// Says once, with its causes, why we give up, and what would help.
    pub fn fail(self, error: &dyn Error, hint: Option<&str>) {
        self.labelled("error", Ink::Red, &error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            self.say(&format!("  caused by: {error}"));
            cause = error.source();
        }
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// Answers a command line that is not understood, or that asks for help.
    ///
    /// clap ends with 2, which for `plan` means changes: a script must be able to tell them apart.
    pub fn usage(self, refusal: &clap::Error) -> Exit {
        let _ = refusal.print();
        if refusal.use_stderr() {
            Exit::Error
        } else {
            Exit::Done
        }
    }

    /// Asks, and takes nothing but a yes for one; none if nobody sits there.
    pub fn ask(self, question: &str) -> Option<bool> {
        if !self.lively || !io::stdin().is_terminal() {
            return None;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Waits for `work`, and says what it is and how long it takes if that is long.
    pub async fn during<T>(self, what: &str, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        if !self.lively {
            return work.await;
        }
        let start = Instant::now();
        let mut ticks = interval_at((start + PATIENCE).into(), Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.over("");
                    return done;
                }
                _ = ticks.tick() => self.over(&format!("{what} ({} s)", start.elapsed().as_secs())),
            }
        }
    }

    /// Draws over the line of the progress.
    fn over(self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush());
    }

    fn labelled(self, label: &str, ink: Ink, text: &str) {
        self.say(&format!("{} {text}", self.paint(&format!("{label}:"), ink)));
    }

    fn paint(self, text: &str, ink: Ink) -> String {
        let code = match ink {
            Ink::Red => 31,
            Ink::Yellow => 33,
            Ink::Cyan => 36,
        };
        if self.colour {
            format!("\x1b[1;{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
