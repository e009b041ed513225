//! A failed build as text.

use goldsmith_domain::escape::printable;

use super::FailedBuild;

/// The whole failure. A build writes its log itself, so control characters in it are replaced, and a bar stands
/// before each line: GitHub's runner obeys a line that begins with `::` after white space.
pub fn text(build: &FailedBuild) -> String {
    let mut lines = vec![format!("image {}", build.image)];
    let reason = build
        .reason
        .iter()
        .map(|reason| format!("  reason: {}", printable(reason)));
    lines.extend(reason);
    lines.extend(
        build
            .context
            .iter()
            .map(|line| format!("  {}", printable(line))),
    );
    if let Some(step) = &build.step {
        lines.push(format!(
            "  workflow step: {} ({})",
            printable(&step.name),
            printable(&step.action)
        ));
        if !step.message.is_empty() {
            lines.push(format!("  message: {}", printable(&step.message)));
        }
    }
    let log = &build.log;
    lines.push(String::new());
    let (group, stream) = (&log.group, &log.stream);
    let log_lines = log.lines.as_deref();
    lines.push(match log_lines {
        None => format!("There is no log: {group} has no stream {stream}."),
        Some([]) => format!("The log {group} {stream} is empty."),
        Some(_) => format!("the end of the log {group} {stream}:"),
    });
    lines.extend(
        log_lines
            .unwrap_or_default()
            .iter()
            .map(|line| format!("  | {}", printable(line))),
    );
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use goldsmith_aws::operator::FailedStep;

    use super::*;
    use crate::logs::Log;
    use crate::render::samples::parsed;

    fn failed_build(lines: Option<&[&str]>) -> FailedBuild {
        FailedBuild {
            image: parsed(
                "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/3",
            ),
            reason: Some("SSM execution failed".to_owned()),
            context: vec![
                "state: BUILDING".to_owned(),
                "component step: build, Harden, ExecuteBash".to_owned(),
            ],
            step: Some(FailedStep {
                name: "ApplyBuildComponents".to_owned(),
                action: "ExecuteComponents".to_owned(),
                message: "exit status 1".to_owned(),
            }),
            log: Log {
                group: "/aws/imagebuilder/mstr-nonprod-110304".to_owned(),
                stream: "1.0.0/3".to_owned(),
                lines: lines.map(|lines| lines.iter().map(|&line| line.to_owned()).collect()),
            },
        }
    }

    #[test]
    fn a_failure_is_printed_with_the_end_of_its_log() {
        insta::assert_snapshot!(text(&failed_build(Some(&["+ sshd -t", "\x1b[31mbad\x1b[0m", "::add-mask::x"]))), @r#"
        image arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/3
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
    fn a_missing_log_is_reported() {
        let rendered = text(&failed_build(None));
        assert!(
            rendered.ends_with(
                "\nThere is no log: /aws/imagebuilder/mstr-nonprod-110304 has no stream 1.0.0/3.\n"
            ),
            "{rendered}"
        );
    }
}
