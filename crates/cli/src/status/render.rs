//! The status as text: the last report, then a table.

use goldsmith_domain::escape::printable;
use goldsmith_domain::report::Report;
use jiff::Timestamp;

use super::Status;
use super::conditions::{ConditionKind, ConditionStatus};
use super::rows::Row;
use crate::render::phrase;
use crate::render::table::aligned;

const NONE: &str = "-";

/// All of it, with ages as of `now`.
pub fn table(status: &Status, now: Timestamp) -> String {
    let head = status
        .report
        .as_ref()
        .map_or_else(no_report, |report| last(report, now));
    let mut columns = vec![
        "recipe", "Region", "image", "version", "state", "AMI", "age",
    ];
    columns.extend(ConditionKind::ALL.map(ConditionKind::as_str));
    let rows: Vec<Vec<String>> = status.recipes.iter().map(|row| cells(row, now)).collect();
    let lines = if rows.is_empty() {
        vec!["There are no recipes.".to_owned()]
    } else {
        aligned(&columns, &rows)
    };
    let reasons = reasons(&status.recipes);
    let gap = (!reasons.is_empty()).then(String::new);
    let lines = lines.into_iter().chain(gap).chain(reasons);
    head + &lines.map(|line| line + "\n").collect::<String>()
}

fn no_report() -> String {
    "No run has written a report yet.\n\n".to_owned()
}

/// The last run: its time, commit and document versions, and what needs a person.
fn last(report: &Report, now: Timestamp) -> String {
    let commit = report.commit.as_deref().unwrap_or("unknown");
    let age = age(&report.time, now)
        .map(|age| format!(" ({age} ago)"))
        .unwrap_or_default();
    let when = if report.time.is_empty() {
        "at an unknown time"
    } else {
        &report.time
    };
    let mut lines = vec![format!(
        "last run {}{age}, commit {}",
        printable(when),
        printable(commit)
    )];
    let document = |(key, version): (&String, &String)| {
        format!("  {} version {}", printable(key), printable(version))
    };
    lines.extend(report.documents.iter().map(document));
    let parts = [
        ("refused", &report.refused),
        ("failed", &report.failed),
        ("not attempted", &report.not_attempted),
    ];
    for (what, entries) in parts {
        lines.extend(
            entries
                .iter()
                .map(|entry| format!("  {what}: {}", printable(&entry.to_string()))),
        );
    }
    lines.extend(
        report
            .problems
            .iter()
            .map(|problem| format!("  problem: {}", printable(&problem.to_string()))),
    );
    if report.more_problems > 0 {
        lines.push(format!(
            "  and {}",
            phrase::count(report.more_problems, "more problem", "more problems")
        ));
    }
    lines.push(format!(
        "  {}, {} waiting",
        phrase::count(report.changes.len(), "change", "changes"),
        report.waiting.len()
    ));
    lines.join("\n") + "\n\n"
}

fn cells(row: &Row, now: Timestamp) -> Vec<String> {
    let text = |text: Option<&str>| text.unwrap_or(NONE).to_owned();
    let slug = row.image.as_deref().and_then(|arn| arn.rsplit('/').nth(2));
    let age = row.created.as_deref().and_then(|created| age(created, now));
    let mut cells = vec![
        row.recipename.to_string(),
        row.region.to_string(),
        text(slug),
        text(row.version.as_deref()),
        text(row.state.as_deref()),
        text(row.ami.as_deref()),
        text(age.as_deref()),
    ];
    cells.extend(
        row.conditions
            .iter()
            .map(|condition| condition.status.as_str().to_owned()),
    );
    cells
}

/// Why a condition does not hold or is not known.
fn reasons(rows: &[Row]) -> Vec<String> {
    rows.iter().flat_map(reasons_of).collect()
}

fn reasons_of(row: &Row) -> impl Iterator<Item = String> {
    let unmet = row
        .conditions
        .iter()
        .filter(|condition| condition.status != ConditionStatus::True);
    unmet.map(|condition| {
        let (kind, status) = (condition.kind.as_str(), condition.status.as_str());
        let reason = condition.reason.as_deref().map(printable);
        format!(
            "{} {}: {kind} is {status}: {}",
            row.recipename,
            row.region,
            reason.unwrap_or_default()
        )
    })
}

/// The time since `time` in its largest unit; none if the time cannot be read.
fn age(time: &str, now: Timestamp) -> Option<String> {
    let seconds = now
        .as_second()
        .saturating_sub(time.parse::<Timestamp>().ok()?.as_second())
        .max(0);
    Some(match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    })
}

#[cfg(test)]
mod tests {
    use goldsmith_aws::operator::Build;
    use goldsmith_domain::observed::{Image, ImageState, Pipeline, PipelineStatus};
    use goldsmith_domain::stack::{ENVIRONMENT_TAG, RECIPENAME_TAG, StackContext};

    use super::*;
    use crate::render::samples::{entry, parsed};
    use crate::status::rows::{View, rows};

    const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";

    fn stack() -> StackContext {
        StackContext {
            environment: parsed("nonprod"),
            account: parsed("111122223333"),
            region: parsed("us-east-1"),
            key: parsed(
                "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001",
            ),
            instance_profile: "goldsmith-nonprod".to_owned(),
            parameter_prefix: goldsmith_domain::names::ParameterPrefix::default(),
        }
    }

    fn pipeline(name: &str, environment: &str) -> Pipeline {
        let json = serde_json::json!({
            "arn": format!("{ARN}:image-pipeline/mstr-{environment}-{name}"),
            "status": PipelineStatus::Enabled,
            "recipe": format!("{ARN}:image-recipe/mstr-{environment}-{name}/1.0.1"),
            "infrastructure": "", "distribution": null, "description": null,
            "tags": { (ENVIRONMENT_TAG): environment, (RECIPENAME_TAG): name },
            "others": {},
        });
        serde_json::from_value(json).expect("a pipeline")
    }

    fn build(version: &str, state: ImageState, ami: Option<&str>) -> Build {
        let amis = ami.map(|ami| (parsed("us-east-1"), parsed(ami)));
        let image = Image {
            arn: parsed(&format!("{ARN}:image/mstr-nonprod-110304/{version}")),
            state,
            reason: None,
            amis: amis.into_iter().collect(),
            copies: Vec::new(),
            failed_targets: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        };
        Build {
            image,
            name: None,
            created: Some("2026-01-01T10:00:00Z".to_owned()),
        }
    }

    #[test]
    fn the_newest_build_of_the_current_version_is_shown() {
        let pipelines = [
            pipeline("110304", "nonprod"),
            pipeline("110302", "nonprod"),
            pipeline("x", "prod"),
        ];
        let builds = [
            build("1.0.1/2", ImageState::Failed, None),
            build("1.0.1/10", ImageState::Available, Some("ami-12345678")),
            build("1.0.2/1", ImageState::Available, Some("ami-87654321")),
        ];
        let stack = stack();
        let view = View {
            stack: &stack,
            desired: None,
            pipelines: &pipelines,
            builds: &builds,
        };
        let report = Report {
            time: "2026-01-03T09:59:00.000Z".to_owned(),
            commit: Some("0123abc".to_owned()),
            documents: [("environment.json".to_owned(), "v7".to_owned())].into(),
            refused: vec![entry("base-ami", "110306", Some("it is gone"))],
            ..Report::default()
        };
        let status = Status {
            report: Some(report),
            recipes: rows(view, None),
        };
        insta::assert_snapshot!(table(&status, parsed("2026-01-03T10:00:00Z")), @r#"
        last run 2026-01-03T09:59:00.000Z (1 min ago), commit 0123abc
          environment.json version v7
          refused: base-ami 110306: it is gone
          0 changes, 0 waiting

        recipe  Region     image                version   state      AMI           age  Built  Tested  Distributed
        110302  us-east-1  -                    -         -          -             -    False  False   False
        110304  us-east-1  mstr-nonprod-110304  1.0.1/10  AVAILABLE  ami-12345678  2 d  True   True    True

        110302 us-east-1: Built is False: nothing was built yet
        110302 us-east-1: Tested is False: nothing was built yet
        110302 us-east-1: Distributed is False: nothing was built yet
        "#);
        assert_eq!(rows(view, Some(&parsed("110304"))).len(), 1);
    }

    #[test]
    fn ages_have_one_unit() {
        let now = parsed("2026-01-03T10:00:00Z");
        for (time, expected) in [
            ("2026-01-03T09:59:01Z", "59 s"),
            ("2026-01-03T09:00:01Z", "59 min"),
            ("2026-01-02T10:00:01Z", "23 h"),
            ("2025-01-03T10:00:00Z", "365 d"),
            ("2027-01-03T10:00:00Z", "0 s"),
        ] {
            assert_eq!(age(time, now).as_deref(), Some(expected));
        }
        assert_eq!(age("yesterday", now), None);
    }
}
