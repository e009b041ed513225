//! A build as text.

use goldsmith_domain::escape::printable;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Log, Story};
use crate::render::when::{age, when};

/// The whole build, and what to do next.
pub fn text(story: &Story, recipe: &str, now: Timestamp, zone: &TimeZone) -> String {
    let mut lines = head(story, recipe, now, zone);
    lines.extend(others(story, recipe));
    let reason = story.reason.iter();
    lines.extend(reason.map(|reason| format!("  reason: {}", printable(reason))));
    lines.extend(
        story
            .context
            .iter()
            .map(|line| format!("  {}", printable(line))),
    );
    if let Some(step) = &story.step {
        let (name, action) = (printable(&step.name), printable(&step.action));
        lines.push(format!("  workflow step: {name} ({action})"));
        if !step.message.is_empty() {
            lines.push(format!("  message: {}", printable(&step.message)));
        }
    }
    lines.push(String::new());
    lines.extend(log(&story.log));
    lines.join("\n") + "\n"
}

/// Which build, its state, and when it began.
fn head(story: &Story, recipe: &str, now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let created = story.created.as_deref();
    let time = created.and_then(|created| created.parse().ok());
    let began = time.map_or_else(
        || "at an unknown time".to_owned(),
        |time| format!("on {}", when(time, zone)),
    );
    let age = created.and_then(|created| age(created, now));
    let age = age.map(|age| format!(" ({age} ago)")).unwrap_or_default();
    let (version, state) = (printable(&story.version), printable(&story.state));
    vec![
        format!("build {version} of {recipe} is {state}; it began {began}{age}"),
        format!("  image: {}", printable(&story.image)),
    ]
}

fn others(story: &Story, recipe: &str) -> Vec<String> {
    let good = story.others.later_good.iter().map(|version| {
        format!("  a later build is good: {version} is AVAILABLE; this failure is over")
    });
    let failed = story.others.last_failed.iter().map(|version| {
        format!(
            "  the last build that failed is {version}: goldsmith logs {recipe} --build {version}"
        )
    });
    good.chain(failed).collect()
}

fn log(log: &Log) -> Vec<String> {
    let (group, stream) = (printable(&log.group), printable(&log.stream));
    let lines = log.lines.as_deref();
    let head = match lines {
        None => format!("There is no log: {group} has no stream {stream}."),
        Some([]) => format!("The log {group} {stream} is empty."),
        Some(_) => format!("the end of the log {group} {stream}:"),
    };
    let lines = lines.unwrap_or_default().iter().map(|line| log_line(line));
    std::iter::once(head)
        .chain(lines.map(|line| line.trim_end().to_owned()))
        .collect()
}

/// A line of a log. A build writes its log itself, so control characters in it are replaced, and a bar stands
/// before each line: GitHub's runner obeys a line that begins with `::` after white space.
pub fn log_line(line: &str) -> String {
    format!("  | {}\n", printable(line))
}

/// A line of a log as a JSON object, in a line of its own.
pub fn json_line(line: &str) -> String {
    format!("{}\n", serde_json::json!({ "line": line }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{Others, Step};
    use crate::render::samples::parsed;

    fn failed(lines: Option<&[&str]>, others: Others) -> Story {
        Story {
            image: "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/3"
                .to_owned(),
            version: "1.0.0/3".to_owned(),
            state: "FAILED".to_owned(),
            created: Some("2026-11-29T04:00:00Z".to_owned()),
            reason: Some("SSM execution failed".to_owned()),
            context: vec![
                "state: BUILDING".to_owned(),
                "component step: build, Harden, ExecuteBash".to_owned(),
            ],
            step: Some(Step {
                name: "ApplyBuildComponents".to_owned(),
                action: "ExecuteComponents".to_owned(),
                message: "exit status 1".to_owned(),
            }),
            others,
            log: Log {
                group: "/aws/imagebuilder/mstr-nonprod-110304".to_owned(),
                stream: "1.0.0/3".to_owned(),
                lines: lines.map(|lines| lines.iter().map(|&line| line.to_owned()).collect()),
            },
        }
    }

    fn shown(story: &Story) -> String {
        text(
            story,
            "110304",
            parsed("2026-11-29T10:00:00Z"),
            &TimeZone::UTC,
        )
    }

    #[test]
    fn a_failure_is_printed_with_its_time_and_the_end_of_its_log() {
        let lines = ["+ sshd -t", "\x1b[31mbad\x1b[0m", "::add-mask::x"];
        insta::assert_snapshot!(shown(&failed(Some(&lines), Others::default())), @r#"
        build 1.0.0/3 of 110304 is FAILED; it began on Sunday 2026-11-29 04:00 UTC (6 h ago)
          image: arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/3
          reason: SSM execution failed
          state: BUILDING
          component step: build, Harden, ExecuteBash
          workflow step: ApplyBuildComponents (ExecuteComponents)
          message: exit status 1

        the end of the log /aws/imagebuilder/mstr-nonprod-110304 1.0.0/3:
          | + sshd -t
          | �[31mbad�[0m
          | ::add-mask::x
        "#);
    }

    #[test]
    fn a_later_success_and_an_earlier_failure_are_named() {
        let later = Others {
            later_good: Some("1.0.0/4".to_owned()),
            last_failed: None,
        };
        let told = shown(&failed(None, later));
        assert!(
            told.contains(
                "\n  a later build is good: 1.0.0/4 is AVAILABLE; this failure is over\n"
            )
        );
        let earlier = Others {
            later_good: None,
            last_failed: Some("1.0.0/2".to_owned()),
        };
        let told = shown(&failed(None, earlier));
        assert!(told.contains(
            "\n  the last build that failed is 1.0.0/2: goldsmith logs 110304 --build 1.0.0/2\n"
        ));
    }

    #[test]
    fn a_missing_log_is_reported() {
        let rendered = shown(&failed(None, Others::default()));
        assert!(
            rendered.ends_with(
                "\nThere is no log: /aws/imagebuilder/mstr-nonprod-110304 has no stream 1.0.0/3.\n"
            ),
            "{rendered}"
        );
    }
}
