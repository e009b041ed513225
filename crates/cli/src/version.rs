//! `goldsmith version`: which release this is, and which one a stack runs. Other commands warn if this one is the
//! older of the two.

use goldsmith_aws::output;
use goldsmith_domain::escape::printable;
use goldsmith_domain::release::Release;
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{Format, Stack, Version as Arguments};
use crate::exit::Exit;
use crate::json;
use crate::operate::OperateError;
use crate::printer::Printer;
use crate::render::when::age;
use crate::stack;

/// Which releases there are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Versions {
    /// That of this command.
    command: Release,
    /// That of the stack; none if no stack was asked for.
    stack: Option<StackRelease>,
}

/// Which release a stack runs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct StackRelease {
    /// The stack.
    name: String,
    /// When it ran last; none if it has not run yet.
    last_run: Option<String>,
    /// The release that ran then; none if it has not run yet, or is of a release that does not say so.
    release: Option<Release>,
}

/// Prints the releases.
pub async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, OperateError> {
    let versions = Versions {
        command: Release::current(),
        stack: match &arguments.against {
            Some(against) => Some(read(against, printer).await?),
            None => None,
        },
    };
    printer.stdout(&match arguments.format {
        Format::Text => text(&versions, Timestamp::now()),
        Format::Json => json::pretty(&versions)?,
    });
    let of_stack = versions.stack.and_then(|stack| stack.release);
    warn_if_older(of_stack.as_ref(), printer);
    Ok(Exit::Done)
}

async fn read(against: &str, printer: Printer) -> Result<StackRelease, OperateError> {
    let stack = Stack {
        against: Some(against.to_owned()),
    };
    let operator = stack::operator(&stack).await?;
    let reading = async {
        let aws = operator.look().await?;
        let (latest, _) = output::latest(&aws).await?;
        Ok::<_, OperateError>(latest)
    };
    let latest = printer.with_progress("reading the stack", reading).await?;
    let report = latest.map(|latest| latest.report);
    Ok(StackRelease {
        name: operator.stack.to_string(),
        last_run: report.as_ref().map(|report| report.time.clone()),
        release: report.and_then(|report| report.release),
    })
}

/// A line for each.
fn text(versions: &Versions, now: Timestamp) -> String {
    let own = format!("goldsmith {}\n", versions.command);
    let of_stack = versions.stack.as_ref().map(|stack| {
        let name = printable(&stack.name);
        match (&stack.last_run, &stack.release) {
            (None, _) => format!("{name} has not run yet, and says nothing of its release\n"),
            (Some(time), release) => {
                let release = release.as_ref().map_or_else(
                    || "a release that does not say which".to_owned(),
                    |release| printable(&release.to_string()),
                );
                let ago = age(time, now).map(|age| format!(", {age} ago"));
                format!("{name} last ran {release}{}\n", ago.unwrap_or_default())
            }
        }
    });
    own + &of_stack.unwrap_or_default()
}

/// Warns on stderr, in one line, if this command is older than the release that a stack says it runs.
pub fn warn_if_older(of_stack: Option<&Release>, printer: Printer) {
    let own = Release::current();
    if let Some(newer) = of_stack.filter(|of_stack| own.is_older_than(of_stack)) {
        printer.warn(&printable(&format!(
            "this goldsmith is {own}, and the stack runs {newer}; install that release"
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::parsed;

    fn release(version: &str) -> Release {
        Release {
            version: version.to_owned(),
            commit: None,
        }
    }

    fn told(last_run: Option<&str>, of_stack: Option<Release>) -> String {
        let versions = Versions {
            command: release("1.2.3"),
            stack: Some(StackRelease {
                name: "goldsmith-nonprod".to_owned(),
                last_run: last_run.map(str::to_owned),
                release: of_stack,
            }),
        };
        text(&versions, parsed("2026-01-01T00:20:00Z"))
    }

    #[test]
    fn a_stack_says_its_release_and_when_it_ran() {
        let time = Some("2026-01-01T00:00:00.000Z");
        assert_eq!(
            told(time, Some(release("1.2.4"))),
            "goldsmith 1.2.3\ngoldsmith-nonprod last ran 1.2.4, 20 min ago\n"
        );
        assert_eq!(
            told(time, None),
            "goldsmith 1.2.3\ngoldsmith-nonprod last ran a release that does not say which, 20 min ago\n"
        );
        assert_eq!(
            told(None, None),
            "goldsmith 1.2.3\ngoldsmith-nonprod has not run yet, and says nothing of its release\n"
        );
    }

    #[test]
    fn a_release_of_a_stranger_controls_no_terminal() {
        let told = told(Some("x"), Some(release("1\u{1b}[2J\n0")));
        assert_eq!(
            told,
            "goldsmith 1.2.3\ngoldsmith-nonprod last ran 1\u{FFFD}[2J 0\n"
        );
    }
}
