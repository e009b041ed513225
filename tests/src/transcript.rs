//! Scenario scripts: what a person types, and what the command line answers.
//!
//! A script is its own golden output. Of its lines,
//! - `# ` is what the reader must know,
//! - `$ ` is a command, run by bash in a folder that has the sample's documents in `nonprod/`,
//! - `@ ` is what happens meanwhile: see [`Meanwhile`],
//! - everything else is output: standard output as it is, standard error behind `! `, and the exit
//!   code behind `= ` unless it is 0.
//!
//! Playing a script gives the whole text again, which must not differ. With `UPDATE_SCENARIOS=1` it is
//! written instead; then read the difference as a reviewer would.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use local_stack::workspace_root;
use regex_lite::Regex;

use crate::command::variables;
use crate::{Factory, failing, scheduled_event};

/// A line of a script that is not output.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Prose(String),
    Command(String),
    Meanwhile(Meanwhile),
}

/// What happens without anybody typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    /// `the builds end`: also whatever follows from it.
    BuildsEnd,
    /// `an hour passes`: the hourly rule fires.
    Hour,
    /// `the next build fails`: that of 110304, in its tests.
    Failure,
}

/// Plays `tests/scenarios/<name>.txt` against a factory of its own and compares; at the end there is
/// nothing left to do.
pub async fn play(name: &str) {
    let path = workspace_root().join(format!("tests/scenarios/{name}.txt"));
    let golden =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let factory = Factory::start_with_builds_by_hand().await;
    let stage = Stage::set(name, &factory);
    let mut played = String::new();
    for line in read(&golden) {
        stage.perform(&factory, &line, &mut played).await;
    }
    factory.finish_builds().await;
    factory.reconcile().await;
    factory.assert_settled().await;
    if std::env::var_os("UPDATE_SCENARIOS").is_some() {
        fs::write(&path, played).expect("the script can be written");
    } else {
        assert!(played == golden, "{}", difference(&golden, &played));
    }
}

fn read(text: &str) -> Vec<Line> {
    let line = |line: &str| match line.split_at_checked(2) {
        Some(("# ", _)) => Some(Line::Prose(line.to_owned())),
        Some(("$ ", command)) => Some(Line::Command(command.to_owned())),
        Some(("@ ", what)) => Some(Line::Meanwhile(meanwhile(what))),
        _ => None,
    };
    text.lines().filter_map(line).collect()
}

fn meanwhile(what: &str) -> Meanwhile {
    match what {
        "the builds end" => Meanwhile::BuildsEnd,
        "an hour passes" => Meanwhile::Hour,
        "the next build fails" => Meanwhile::Failure,
        other => panic!("`@ {other}` means nothing"),
    }
}

/// Where commands run.
struct Stage {
    folder: PathBuf,
    variables: BTreeMap<&'static str, String>,
}

impl Stage {
    /// An empty folder with the sample's documents.
    fn set(name: &str, factory: &Factory) -> Self {
        let folder = workspace_root().join("target/scenarios").join(name);
        let _ = fs::remove_dir_all(&folder);
        copy(
            &workspace_root().join("ami-versions/nonprod"),
            &folder.join("nonprod"),
        );
        let variables = variables(factory, &folder);
        Self { folder, variables }
    }

    async fn perform(&self, factory: &Factory, line: &Line, played: &mut String) {
        match line {
            Line::Prose(prose) => {
                if !played.is_empty()
                    && !played
                        .lines()
                        .last()
                        .is_some_and(|last| last.starts_with("# "))
                {
                    played.push('\n');
                }
                let _ = writeln!(played, "{prose}");
            }
            Line::Command(command) => {
                let output = self.run(command).await;
                let _ = writeln!(played, "$ {command}");
                played.push_str(&told(&output));
            }
            Line::Meanwhile(Meanwhile::BuildsEnd) => {
                factory.until_quiet().await;
                factory.finish_builds().await;
                played.push_str("@ the builds end\n");
            }
            Line::Meanwhile(Meanwhile::Failure) => {
                factory.emulator.add_faults([failing("110304")]);
                played.push_str("@ the next build fails\n");
            }
            Line::Meanwhile(Meanwhile::Hour) => {
                factory.deliver(&scheduled_event("hour")).await;
                played.push_str("@ an hour passes\n");
            }
        }
    }

    /// Runs a command; what it starts in the functions goes on.
    async fn run(&self, command: &str) -> Output {
        let mut bash = Command::new("bash");
        bash.args(["-c", command])
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.variables);
        let run = tokio::task::spawn_blocking(move || bash.output());
        run.await.expect("a thread").expect("bash runs")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the sample") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// What a command said, without what differs from run to run.
fn told(output: &Output) -> String {
    let mut told = normal(&String::from_utf8_lossy(&output.stdout));
    if !told.is_empty() && !told.ends_with('\n') {
        told.push('\n');
    }
    for line in normal(&String::from_utf8_lossy(&output.stderr)).lines() {
        let _ = writeln!(told, "! {line}");
    }
    match output.status.code() {
        Some(0) => {}
        code => {
            let _ = writeln!(
                told,
                "= {}",
                code.map_or("killed".to_owned(), |code| code.to_string())
            );
        }
    }
    told
}

/// Puts a word in the place of each time, age, generated id and version.
fn normal(text: &str) -> String {
    const WORDS: [(&str, &str); 6] = [
        (r"\b[A-Z][a-z]+day \d{4}-\d\d-\d\d \d\d:\d\d UTC", "WHEN"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "UUID",
        ),
        (r"\b[0-9a-f]{32,64}\b", "HEX"),
        (r"\b\d+(\.\d+)? ?(ms|s|m|min)\b", "AGE"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    ];
    let replace = |text: String, (pattern, word): &(&str, &str)| {
        Regex::new(pattern)
            .expect("a pattern")
            .replace_all(&text, *word)
            .into_owned()
    };
    let told = WORDS.iter().fold(built_amis(text), replace);
    // The columns of a table are as wide as what stood there.
    if told.contains("AGE") {
        replace(told, &(r"(?m)(\S) {2,}", "$1  "))
    } else {
        told
    }
}

/// AMIs that were built have ids that depend on when; the samples' stay.
fn built_amis(text: &str) -> String {
    let ami = Regex::new(r"ami-[0-9a-f]{17}").expect("a pattern");
    let known = [crate::BASE, crate::OTHER_BASE];
    let named = |found: &regex_lite::Captures<'_>| {
        let id = found.get(0).map_or("", |id| id.as_str());
        let is_known = known.contains(&id) || id[5..].bytes().all(|b| b == id.as_bytes()[5]);
        if is_known {
            id.to_owned()
        } else {
            "ami-BUILT".to_owned()
        }
    };
    ami.replace_all(text, named).into_owned()
}

/// The first lines that differ, with what was there and what came.
fn difference(golden: &str, played: &str) -> String {
    let (golden, played): (Vec<_>, Vec<_>) = (golden.lines().collect(), played.lines().collect());
    let first = golden
        .iter()
        .zip(&played)
        .take_while(|(was, is)| was == is)
        .count();
    let part = |lines: &[&str]| {
        lines
            .iter()
            .skip(first)
            .take(30)
            .copied()
            .collect::<Vec<_>>()
            .join("\n")
    };
    format!(
        "line {} differs\n--- expected\n{}\n--- played\n{}\n",
        first + 1,
        part(&golden),
        part(&played)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_a_word() {
        let text = "ami-08bd941ae380bd3cd built ami-69550df405e28812f at 2026-08-02T06:00:00.123Z in 3.2 s, next on \
                    Sunday 2026-08-09 06:00 UTC";
        assert_eq!(
            normal(text),
            "ami-08bd941ae380bd3cd built ami-BUILT at TIME in AGE, next on WHEN"
        );
    }

    #[test]
    fn output_is_no_line_of_a_script() {
        let lines = read("# prose\n$ true\noutput\n! talk\n= 3\n\n@ the builds end\n");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn the_first_difference_is_shown() {
        assert!(difference("a\nb\nc", "a\nx\nc").starts_with("line 2 differs\n--- expected\nb"));
    }
}
