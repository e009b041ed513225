//! The only place that writes to the terminal: data goes to stdout, messages to stderr.
//!
//! What it prints may quote documents, AWS and logs. So it replaces every control character but line feeds, and
//! no command can forget to.
//!
//! Colour and progress are for people: both appear on a terminal only, and `NO_COLOR` (no-color.org)
//! turns the colour off.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use goldsmith_domain::escape::{lines, printable};
use tokio::time::{MissedTickBehavior, interval_at};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::colour::{Tone, lines as tones};
use crate::render::wrap::WIDTH;

/// Work that takes less than this shows no progress.
const PROGRESS_DELAY: Duration = Duration::from_secs(2);

/// A terminal that says less than this is none that a person reads.
const MOST_NARROW: usize = 40;

/// How a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    colour: bool,
    /// Whether stdout is a terminal that shows colours.
    colour_out: bool,
    /// Whether stderr is a terminal, on which a line can be overwritten.
    interactive: bool,
}

/// How a label stands out.
#[derive(Debug, Clone, Copy)]
enum Colour {
    Red,
    Yellow,
    Cyan,
}

#[expect(
    clippy::unused_self,
    reason = "only code that was given the printer may write to the terminal"
)]
impl Printer {
    /// The printer that fits this process.
    pub fn from_process() -> Self {
        let interactive = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: interactive && !no_colour,
            colour_out: io::stdout().is_terminal() && !no_colour,
            interactive,
        }
    }

    /// Prints data. A reader that has gone, such as `head`, is no error.
    pub fn stdout(self, text: &str) {
        self.script(lines(text).as_bytes());
    }

    /// Prints what a person reads line by line: bad news stand out.
    pub fn reading(self, text: &str) {
        self.script(toned(&lines(text), self.colour_out).as_bytes());
    }

    /// The same, on stderr, for what is no data.
    pub fn reading_aside(self, text: &str) {
        let toned = toned(&lines(text), self.colour);
        let _ = io::stderr().lock().write_all(toned.as_bytes());
    }

    /// How many characters a line of the terminal has; none if nobody reads along.
    pub fn terminal_width(self) -> Option<usize> {
        let of_out = rustix::termios::tcgetwinsize(io::stdout()).ok();
        let width = usize::from(of_out?.ws_col);
        (width >= MOST_NARROW).then_some(width)
    }

    /// How many characters a line of stdout has: those of the terminal, or 80.
    pub fn width(self) -> usize {
        self.terminal_width().unwrap_or(WIDTH)
    }

    /// Whether a person watches.
    pub fn is_interactive(self) -> bool {
        self.interactive
    }

    /// Prints data in the place of what was printed before, where stdout is a terminal.
    pub fn page(self, text: &str) {
        if io::stdout().is_terminal() {
            // Home, and clear from there (ECMA-48, CUP and ED).
            self.script(b"\x1b[H\x1b[2J");
        }
        self.reading(text);
    }

    /// Prints what is our own from the first byte to the last, such as the completions of a shell.
    pub fn script(self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// Prints a message.
    pub fn stderr(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", lines(text));
    }

    /// Prints what to look at.
    pub fn warn(self, text: &str) {
        self.labelled("warning", Colour::Yellow, text);
    }

    /// Prints what would help.
    pub fn hint(self, text: &str) {
        self.labelled("hint", Colour::Cyan, text);
    }

    /// Prints an error once, then its causes, then what would help.
    pub fn error(self, error: &CommandError) {
        self.labelled("error", Colour::Red, &error.message());
        for cause in error.causes() {
            self.stderr(&format!("  caused by: {}", printable(&cause.to_string())));
        }
        if let Some(hint) = error.hint() {
            self.hint(&hint);
        }
    }

    /// Prints help, or what is wrong with the command line.
    ///
    /// clap's own exit code is 2, which for `plan` means changes: a script must be able to tell them apart.
    pub fn usage(self, error: &clap::Error) -> Exit {
        if error.use_stderr() {
            // It quotes the arguments.
            self.stderr(error.render().to_string().trim_end());
            return Exit::Error;
        }
        let _ = error.print();
        Exit::Done
    }

    /// Asks a yes-or-no question; anything but a yes is a no. None if there is no terminal to ask on.
    pub fn confirm(self, question: &str) -> Option<bool> {
        if !self.interactive || !io::stdin().is_terminal() {
            return None;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{} [y/N] ", printable(question)).and_then(|()| err.flush());
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Waits for `work`. If it takes long, a line shows what it is and for how long it has run.
    pub async fn with_progress<T>(self, what: &str, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        if !self.interactive {
            return work.await;
        }
        let start = Instant::now();
        let mut ticks = interval_at((start + PROGRESS_DELAY).into(), Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.overwrite_line("");
                    return done;
                }
                _ = ticks.tick() => self.overwrite_line(&format!("{what} ({} s)", start.elapsed().as_secs())),
            }
        }
    }

    /// Replaces the progress line.
    fn overwrite_line(self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush());
    }

    fn labelled(self, label: &str, colour: Colour, text: &str) {
        let label = self.paint(&format!("{label}:"), colour);
        let _ = writeln!(io::stderr().lock(), "{label} {}", below_label(text));
    }

    fn paint(self, text: &str, colour: Colour) -> String {
        let code = match colour {
            Colour::Red => 31,
            Colour::Yellow => 33,
            Colour::Cyan => 36,
        };
        if self.colour {
            format!("\x1b[1;{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The lines of a text in their colours.
fn toned(text: &str, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    let code = |tone| match tone {
        Tone::Bad => 31,
        Tone::Good => 32,
        Tone::Quiet => 36,
    };
    let toned = tones(text).into_iter().map(|(tone, line)| match tone {
        None => format!("{line}\n"),
        Some(tone) => format!("\x1b[{}m{line}\x1b[0m\n", code(tone)),
    });
    toned.collect()
}

/// A text behind a label: no further line of it begins at the margin, where another label could stand.
fn below_label(text: &str) -> String {
    let mut below = String::new();
    for (n, line) in lines(text).split('\n').enumerate() {
        below += if n == 0 { "" } else { "\n" };
        below += if n == 0 || line.starts_with(' ') {
            ""
        } else {
            "  "
        };
        below += line;
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_only() {
        let text = "Refused\n  - a\n";
        assert_eq!(toned(text, false), text);
        assert_eq!(
            toned(text, true),
            "\x1b[31mRefused\x1b[0m\n\x1b[31m  - a\x1b[0m\n"
        );
    }

    #[test]
    fn an_error_cannot_print_another_label() {
        assert_eq!(
            below_label("it is \u{1b}[2Jgone\nhint: run `x`\n  as planned\r\n"),
            "it is \u{FFFD}[2Jgone\n  hint: run `x`\n  as planned \n  "
        );
    }
}
