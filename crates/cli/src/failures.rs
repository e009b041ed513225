//! `goldsmith failures`: the builds that failed, and what people were told of each.

use goldsmith_aws::operator::{Failed, failed_builds};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::arguments::{Failures, Format};
use crate::exit::Exit;
use crate::json;
use crate::operate::OperateError;
use crate::printer::Printer;
use crate::render::when::when;
use crate::render::wrap::wrapped;
use crate::stack;

/// Prints the newest failures, the newest first.
pub async fn run(arguments: &Failures, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    let since = Timestamp::now() - SignedDuration::from_hours(24 * i64::from(arguments.days));
    let reading = async {
        let aws = operator.look().await?;
        Ok::<_, OperateError>(failed_builds(&aws, since, arguments.limit).await?)
    };
    let failed = Box::pin(printer.with_progress("reading the failures", reading)).await?;
    printer.stdout(&match arguments.format {
        Format::Text => text(&failed, &TimeZone::system(), printer.width()),
        Format::Json => json::pretty(&failed)?,
    });
    Ok(Exit::Done)
}

fn text(failed: &[Failed], zone: &TimeZone, width: usize) -> String {
    if failed.is_empty() {
        return "No build has failed in this time.\n".to_owned();
    }
    let all: Vec<String> = failed.iter().map(|one| shown(one, zone, width)).collect();
    all.join("\n")
}

/// One failure: when and what, why, what is different, how its log ends, and the command that shows more.
fn shown(Failed { time, packet }: &Failed, zone: &TimeZone, width: usize) -> String {
    let (recipe, version) = (&packet.recipe, &packet.version);
    let class = packet.class.as_str();
    let mut lines = vec![format!(
        "{}  {recipe} {version} ({class})",
        when(*time, zone)
    )];
    let commit = packet
        .commit
        .iter()
        .map(|commit| format!("commit {commit}"));
    let changed = packet
        .changed
        .iter()
        .map(|change| format!("changed: {change}"));
    let told = std::iter::once(packet.reason.clone());
    let told = told.chain(packet.context.iter().cloned());
    for line in told.chain(changed).chain(commit) {
        lines.extend(wrapped(&line, width, "  "));
    }
    lines.extend(packet.log.iter().map(|line| format!("  | {line}")));
    lines.push(format!("  > goldsmith logs {recipe} --build {version}"));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::announcement::FailurePacket;

    use super::*;

    #[test]
    fn a_person_reads_why_it_failed_and_what_shows_more() {
        let packet = serde_json::json!({
            "environment": "nonprod", "recipe": "110304", "version": "1.0.3/2", "class": "unknown",
            "image": "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.3/2",
            "reason": "the step failed", "context": ["step: Install"], "changed": ["base ami-a -> ami-b"],
            "commit": "0123abc", "log": ["exit status 1"],
        });
        let packet: FailurePacket = serde_json::from_value(packet).expect("a packet");
        let time = "2026-01-02T03:04:05Z".parse().expect("a time");
        let failed = [Failed { time, packet }];
        insta::assert_snapshot!(text(&failed, &TimeZone::UTC, 80), @r"
        Friday 2026-01-02 03:04 UTC  110304 1.0.3/2 (unknown)
          the step failed
          step: Install
          changed: base ami-a -> ami-b
          commit 0123abc
          | exit status 1
          > goldsmith logs 110304 --build 1.0.3/2
        ");
        assert_eq!(
            text(&[], &TimeZone::UTC, 80),
            "No build has failed in this time.\n"
        );
    }
}
