//! What is waited for, and how it ends.

use goldsmith_domain::observed::Image;
use goldsmith_domain::plan::PUBLISHED_TAG;
use goldsmith_domain::stack::{ENVIRONMENT_TAG, RECIPENAME_TAG};

use super::*;
use crate::render::samples::{entry, parsed};

const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";

fn image_arn(name: &str, version: &str) -> String {
    format!("{ARN}:image/mstr-nonprod-{name}/{version}")
}

fn pipeline_arn(name: &str) -> String {
    format!("{ARN}:image-pipeline/mstr-nonprod-{name}")
}

fn pipeline(name: &str, published: Option<&str>) -> Pipeline {
    let mut tags = serde_json::json!({ (ENVIRONMENT_TAG): "nonprod", (RECIPENAME_TAG): name });
    if let Some(version) = published {
        tags[PUBLISHED_TAG] = image_arn(name, version).into();
    }
    let json = serde_json::json!({
        "arn": pipeline_arn(name), "status": "enabled",
        "recipe": format!("{ARN}:image-recipe/mstr-nonprod-{name}/1.0.0"),
        "infrastructure": "", "distribution": null, "description": null, "tags": tags, "others": {},
    });
    serde_json::from_value(json).expect("a pipeline")
}

fn build(name: &str, version: &str, state: ImageState) -> Build {
    Build {
        image: Image {
            arn: parsed(&image_arn(name, version)),
            state,
            reason: None,
            amis: BTreeMap::new(),
            copies: Vec::new(),
            failed_targets: Vec::new(),
            failed_in: None,
            created: None,
            failure: None,
            tags: BTreeMap::new(),
        },
        name: None,
        created: None,
    }
}

fn image(name: &str, version: &str) -> Watched {
    let arn = parsed(&image_arn(name, version));
    Watched::of(Awaited::Images(BTreeSet::from([arn])))
}

fn running(started: &[&str]) -> Watched {
    let pipelines = started.iter().map(|name| pipeline_arn(name)).collect();
    let since = Some("2026-11-29T10:00:00.000Z".to_owned());
    Watched::of(Awaited::Running(Started { pipelines, since }))
}

/// The lines of what is new.
fn lines(watched: &mut Watched, pipeline: Pipeline, builds: &[&Build]) -> Vec<String> {
    let environment = parsed("nonprod");
    let pipelines = [pipeline];
    let builds: Vec<Build> = builds.iter().map(|&build| build.clone()).collect();
    let news = watched.take(&environment, &pipelines, &builds);
    news.iter()
        .map(|news| news.step.line(&news.name, None))
        .collect()
}

#[test]
fn an_image_that_was_started_is_waited_for_even_if_it_was_never_seen_running() {
    let mut watched = image("a", "1.0.0/2");
    let before = build("a", "1.0.0/1", ImageState::Available);
    assert!(lines(&mut watched, pipeline("a", Some("1.0.0/1")), &[&before]).is_empty());
    assert_eq!(
        (watched.patience(), watched.exit()),
        (MOST_UNSEEN, Exit::Error),
        "it is in no list yet"
    );
    let failed = build("a", "1.0.0/2", ImageState::Failed);
    assert_eq!(
        lines(
            &mut watched,
            pipeline("a", Some("1.0.0/1")),
            &[&before, &failed]
        ),
        ["a 1.0.0/2: FAILED"]
    );
    assert_eq!((watched.patience(), watched.exit()), (0, Exit::Refused));
}

#[test]
fn an_image_that_is_never_published_is_no_success() {
    let mut watched = image("a", "1.0.0/2");
    let available = build("a", "1.0.0/2", ImageState::Available);
    lines(&mut watched, pipeline("a", Some("1.0.0/1")), &[&available]);
    assert_eq!(
        (watched.patience(), watched.exit()),
        (MOST_LOOKS, Exit::Refused)
    );
    lines(&mut watched, pipeline("a", Some("1.0.0/2")), &[&available]);
    assert_eq!((watched.patience(), watched.exit()), (0, Exit::Done));
    let mut watched = image("a", "1.0.0/2");
    lines(&mut watched, pipeline("a", Some("1.0.0/3")), &[&available]);
    assert_eq!(watched.exit(), Exit::Done, "a later one is published");
}

#[test]
fn a_build_that_began_and_failed_between_two_looks_has_failed_and_is_not_unknown() {
    let created = |version, time: &str| Build {
        created: Some(time.to_owned()),
        ..build("a", version, ImageState::Failed)
    };
    let before = created("1.0.0/1", "2026-11-29T09:59:59.999Z");
    let mut watched = running(&["a"]);
    assert!(lines(&mut watched, pipeline("a", None), &[&before]).is_empty());
    assert_eq!(watched.exit(), Exit::Error, "it was there before");
    let failed = created("1.0.0/2", "2026-11-29T10:00:00.000Z");
    let found = lines(&mut watched, pipeline("a", None), &[&before, &failed]);
    assert_eq!(found, ["a 1.0.0/2: FAILED"]);
    assert_eq!(watched.exit(), Exit::Refused);
    let mut others = running(&["b"]);
    lines(&mut others, pipeline("a", None), &[&failed]);
    assert_eq!(others.exit(), Exit::Error, "it is nothing that was started");
}

#[test]
fn only_the_image_that_was_started_counts() {
    let mut watched = image("a", "1.0.0/2");
    let started = build("a", "1.0.0/2", ImageState::Available);
    let next = build("a", "1.0.0/3", ImageState::from("BUILDING"));
    let published = pipeline("a", Some("1.0.0/2"));
    lines(&mut watched, published, &[&started, &next]);
    assert!(!watched.is_building());
    assert_eq!(watched.exit(), Exit::Done);
}

#[test]
fn a_build_that_was_started_and_not_seen_is_no_success() {
    let failed = build("a", "1.0.0/1", ImageState::Failed);
    let mut idle = running(&[]);
    assert!(lines(&mut idle, pipeline("a", None), &[&failed]).is_empty());
    assert_eq!((idle.patience(), idle.exit()), (1, Exit::Done));
    let mut started = running(&["a"]);
    assert!(lines(&mut started, pipeline("a", None), &[&failed]).is_empty());
    assert_eq!(
        (started.patience(), started.exit()),
        (MOST_UNSEEN, Exit::Error)
    );
    assert_eq!(
        started.hints(),
        [format!(
            "a build that was started was not seen: `goldsmith status` shows {}",
            pipeline_arn("a")
        )]
    );
    let next = build("a", "1.0.0/2", ImageState::from("BUILDING"));
    assert_eq!(
        lines(&mut started, pipeline("a", None), &[&failed, &next]).len(),
        1
    );
    assert!(started.is_building() && started.unseen().is_empty());
}

#[test]
fn an_image_that_waits_for_a_person_is_not_waited_for() {
    let mut watched = image("a", "1.0.0/2");
    let available = build("a", "1.0.0/2", ImageState::Available);
    lines(&mut watched, pipeline("a", Some("1.0.0/1")), &[&available]);
    let report = |version: &str| Report {
        waiting: vec![entry(
            "approval",
            "a",
            Some(&format!(
                "image {} waits for a person",
                image_arn("a", version)
            )),
        )],
        ..Report::default()
    };
    watched.hold(Some(&report("1.0.0/1")));
    assert!(watched.is_open(), "the report is about an older image");
    watched.hold(Some(&report("1.0.0/2")));
    assert!(!watched.is_open());
    assert_eq!((watched.patience(), watched.exit()), (0, Exit::Refused));
    assert_eq!(
        watched.hints(),
        ["its image waits for a person: `goldsmith approve a` publishes it"]
    );
}
