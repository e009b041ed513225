//! What a status says of a stack, and how it looks.

use goldsmith_aws::operator::{Build as Built, StoredRun};
use goldsmith_domain::observed::{Copy, Image, ImageState, Pipeline, PipelineStatus, Rule, Target};
use goldsmith_domain::plan::{COPIES_OF_TAG, PUBLISHED_TAG};
use goldsmith_domain::report::Report;
use goldsmith_domain::results::{Severity, Summary};
use goldsmith_domain::stack::{ENVIRONMENT_TAG, RECIPENAME_TAG, StackContext};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::gather::{View, status};
use super::model::{AlarmStatus, Status};
use super::{failed_in, render};
use crate::render::samples::{entry, needing_a_person, parsed};
use crate::results::Counts;

const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";

fn stack() -> StackContext {
    StackContext {
        environment: parsed("nonprod"),
        account: parsed("111122223333"),
        region: parsed("us-east-1"),
        key: parsed("arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001"),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: None,
        parameter_prefix: goldsmith_domain::names::ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

fn pipeline(name: &str, environment: &str, published: Option<&str>) -> Pipeline {
    let mut tags = serde_json::json!({ (ENVIRONMENT_TAG): environment, (RECIPENAME_TAG): name });
    if let Some(version) = published {
        tags[PUBLISHED_TAG] = format!("{ARN}:image/mstr-{environment}-{name}/{version}").into();
    }
    let json = serde_json::json!({
        "arn": format!("{ARN}:image-pipeline/mstr-{environment}-{name}"),
        "status": PipelineStatus::Enabled,
        "recipe": format!("{ARN}:image-recipe/mstr-{environment}-{name}/1.0.1"),
        "infrastructure": "", "distribution": null, "description": null, "tags": tags, "others": {},
    });
    serde_json::from_value(json).expect("a pipeline")
}

fn build(name: &str, version: &str, state: ImageState, ami: Option<&str>, created: &str) -> Built {
    let amis = ami.map(|ami| (parsed("us-east-1"), parsed(ami)));
    let image = Image {
        arn: parsed(&format!("{ARN}:image/mstr-nonprod-{name}/{version}")),
        state,
        reason: None,
        amis: amis.into_iter().collect(),
        copies: Vec::new(),
        failed_targets: Vec::new(),
        failed_in: None,
        created: None,
        failure: None,
        tags: std::collections::BTreeMap::new(),
    };
    Built {
        image,
        name: None,
        created: Some(created.to_owned()),
    }
}

/// A copy of 110304's published image for an account.
fn copies() -> Built {
    let mut copies = build(
        "110304-copies",
        "1.0.1/1",
        ImageState::Available,
        None,
        "2026-11-28T10:30:00Z",
    );
    copies.image.tags = [(
        COPIES_OF_TAG.to_owned(),
        format!("{ARN}:image/mstr-nonprod-110304/1.0.1/2"),
    )]
    .into();
    copies.image.copies = vec![Copy {
        target: Target {
            account: parsed("333333333333"),
            region: parsed("us-east-1"),
        },
        ami: parsed("ami-0cccccccccccccccc"),
    }];
    copies
}

/// A build that failed in its tests and left an AMI.
fn failed() -> Built {
    let mut failed = build(
        "110302",
        "1.0.0/1",
        ImageState::Failed,
        Some("ami-0bbbbbbbbbbbbbbbb"),
        "2026-11-29T04:00:00Z",
    );
    let document = "arn:aws:imagebuilder:us-east-1:aws:component/simple-boot-test-linux/1.0.0/1";
    failed.image.reason = Some(format!(
        "Workflow Execution ID: 'wf-1' failed with reason: Document {document} failed!"
    ));
    failed
}

/// What was built: a published image with its copies, and a failure.
fn builds() -> [Built; 4] {
    [
        build(
            "110304",
            "1.0.1/1",
            ImageState::Available,
            Some("ami-0eeeeeeeeeeeeeeee"),
            "2026-11-22T10:00:00Z",
        ),
        build(
            "110304",
            "1.0.1/2",
            ImageState::Available,
            Some("ami-0aaaaaaaaaaaaaaaa"),
            "2026-11-28T10:00:00Z",
        ),
        copies(),
        failed(),
    ]
}

/// The last report: one recipe waits and is refused, and an account is left out.
fn last_report() -> Report {
    let failed_build = Some(
        "image arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110302/1.0.0/1 ended without an AMI",
    );
    Report {
        time: "2026-11-29T09:59:00.000Z".to_owned(),
        commit: Some("0123abc".to_owned()),
        waiting: vec![entry("failed-build", "110302", failed_build)],
        refused: vec![
            entry(
                "base-ami",
                "110302",
                Some(
                    "the base AMI ami-0dddddddddddddddd does not exist in this Region or is not shared with this account",
                ),
            ),
            entry(
                "quarantined",
                "444444444444",
                Some("AWS does not accept account 444444444444 as a principal"),
            ),
        ],
        ..Report::default()
    }
}

/// One recipe is published and copied, one failed in its tests and left an AMI, one left the documents.
fn night() -> Status {
    let pipelines = [
        pipeline("110304", "nonprod", Some("1.0.1/2")),
        pipeline("110302", "nonprod", None),
        pipeline("x", "prod", None),
    ];
    let (builds, report) = (builds(), last_report());
    let rule = Rule {
        schedule: Some("cron(0 6 ? * SUN *)".to_owned()),
        state: Some("ENABLED".to_owned()),
        ..Rule::default()
    };
    let stack = stack();
    let mut status = status(
        View {
            stack: &stack,
            desired: None,
            pipelines: &pipelines,
            builds: &builds,
            report: Some(&report),
            rule: Some(&rule),
            scheduled: &[scheduled_run()],
            now: now(),
        },
        None,
    );
    status.alarms = Some(vec![AlarmStatus {
        name: "goldsmith-nonprod-failures".to_owned(),
        description: "A function has given up on an event; the queue holds it for fourteen days"
            .to_owned(),
    }]);
    status.failed_events = Some(1);
    status
}

fn scheduled_run() -> StoredRun {
    StoredRun {
        function: goldsmith_aws::operator::Function::ScheduledBuild,
        time: "2026-11-22T06:00:10.000Z".to_owned(),
        request: "r".to_owned(),
        report: serde_json::json!({
            "documents": { "ami-versions.json": "v" }, "started": [{ "recipename": "110304" }],
            "skipped": [{ "recipename": "110302", "reason": "its pipeline is disabled" }], "failed": [],
        }),
    }
}

/// What tests found, and a scan that found nothing that counts.
fn counts() -> Counts {
    let tests = Summary {
        passed: 7,
        failed: 1,
        waived: 1,
        skipped: 0,
        failed_by_severity: [(Severity::High, 1)].into(),
    };
    let scan = Summary {
        skipped: 3,
        ..Summary::default()
    };
    Counts {
        summary: tests,
        scan: Some(scan),
        passes: false,
    }
}

fn now() -> Timestamp {
    parsed("2026-11-29T10:00:00Z")
}

fn shown(status: &Status) -> String {
    render::text(status, &render::Page::new(now(), &TimeZone::UTC, 80))
}

#[test]
fn a_night_is_shown_with_what_helps_in_eighty_columns() {
    let mut status = night();
    let failed = status
        .recipes
        .iter_mut()
        .find_map(|recipe| recipe.newest.as_mut());
    failed.expect("a failed build").failed_in =
        Some("TESTING, step ApplyTestComponents".to_owned());
    let mut published = status.recipes.iter_mut();
    let published = published.find_map(|recipe| recipe.published.as_mut());
    published.expect("an image").results = Some(counts());
    let text = shown(&status);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!(text, @r"
    nonprod in 111122223333, us-east-1
    last run 1 min ago, commit 0123abc

    110302: nothing is published
      newest build 1.0.0/1 FAILED, started 6 h ago
        in TESTING, step ApplyTestComponents
        Workflow Execution ID: 'wf-1' failed with reason: Document
          component/simple-boot-test-linux/1.0.0/1 failed!
        it left ami-0bbbbbbbbbbbbbbbb in us-east-1, which nobody gets
        > goldsmith logs 110302
        > goldsmith build 110302
      refused: the base AMI ami-0dddddddddddddddd does not exist in this Region or
        is not shared with this account (base-ami)

    110304: published 1.0.1/2, built 1 d ago
      ami-0aaaaaaaaaaaaaaaa in us-east-1
      ami-0cccccccccccccccc in us-east-1, copy of account 333333333333
      tests: 1 failed (1 high), 1 waived, 0 skipped, 7 passed; that does not pass
      scan: 0 findings, 0 waived, 3 without a fix not counted

    schedule cron(0 6 ? * SUN *): next on Sunday 2026-12-06 06:00 UTC
      last run on Sunday 2026-11-22 06:00 UTC: started 110304; skipped 110302,
        because its pipeline is disabled
      MISSED: nothing has run on Sunday 2026-11-29 06:00 UTC
        > goldsmith redrive

      refused: 444444444444: AWS does not accept account 444444444444 as a principal
        (quarantined)

    ALARM goldsmith-nonprod-failures: A function has given up on an event; the queue
      holds it for fourteen days
        > goldsmith redrive
    1 event is in the failure queue
        > goldsmith redrive
    ");
    assert!(status.needs_person());
}

#[test]
fn a_leftover_ami_is_not_published_and_copies_are() {
    let status = night();
    let json = serde_json::to_value(&status).expect("JSON");
    let failed = &json["recipes"][0];
    assert_eq!(failed["recipename"], "110302");
    assert_eq!(failed["published"], serde_json::Value::Null);
    assert_eq!(failed["newest"]["state"], "FAILED");
    assert_eq!(
        failed["newest"]["leftover"]["us-east-1"],
        "ami-0bbbbbbbbbbbbbbbb"
    );
    let published = &json["recipes"][1]["published"];
    assert_eq!(published["version"], "1.0.1/2");
    assert_eq!(
        published["copies"]["333333333333"]["us-east-1"],
        "ami-0cccccccccccccccc"
    );
}

#[test]
fn what_waits_needs_nobody_and_what_is_refused_does() {
    let stack = stack();
    let with = |report: &Report| {
        let view = View {
            stack: &stack,
            desired: None,
            pipelines: &[],
            builds: &[],
            report: Some(report),
            rule: None,
            scheduled: &[],
            now: now(),
        };
        status(view, None).needs_person()
    };
    assert!(!with(&Report {
        waiting: vec![entry("k", "t", Some("why"))],
        ..Report::default()
    }));
    for report in needing_a_person() {
        assert!(with(&report), "{report:?}");
    }
}

#[test]
fn where_a_build_failed_is_read_from_its_context() {
    let lines =
        |lines: &[&str]| -> Vec<String> { lines.iter().map(|&line| line.to_owned()).collect() };
    assert_eq!(
        failed_in(&lines(&["state: TESTING", "step: ApplyTestComponents"])).as_deref(),
        Some("TESTING, step ApplyTestComponents")
    );
    assert_eq!(
        failed_in(&lines(&["state: BUILDING"])).as_deref(),
        Some("BUILDING")
    );
    assert_eq!(failed_in(&[]), None);
}
