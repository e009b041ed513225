//! `status`, `build` and `logs` against a stand-in.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::run::{Outcome, run};
use crate::stand_in::{Answer, Request, StandIn};

const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";
const STACK: [&str; 2] = ["--against", "goldsmith-nonprod"];

fn json(value: &Value) -> Answer {
    (200, Vec::new(), value.to_string())
}

pub fn configuration() -> Value {
    json!({
        "FunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:goldsmith-nonprod-reconcile",
        "Environment": { "Variables": {
            "ENVIRONMENT": "nonprod", "ACCOUNT_ID": "111122223333",
            "KEY_ARN": "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001",
            "INSTANCE_PROFILE": "goldsmith-nonprod", "DOCUMENT_BUCKET": "documents",
            "OUTPUT_BUCKET": "output", "TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:goldsmith",
            "BUILD_RULE": "goldsmith-nonprod-build",
            "SIGNING_KEY": "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000005678",
            "EXECUTION_ROLE": "arn:aws:iam::111122223333:role/goldsmith-nonprod-distribute",
        }},
    })
}

/// A stack with one recipe, whose newest build failed; its log is in the stream `1.0.0/2`, or not.
fn stack(with_log: bool) -> StandIn {
    StandIn::new(answers(with_log))
}

fn answers(with_log: bool) -> impl Fn(&Request) -> Answer {
    let pipeline = json!({
        "arn": format!("{ARN}:image-pipeline/mstr-nonprod-110304"), "name": "mstr-nonprod-110304",
        "imageRecipeArn": format!("{ARN}:image-recipe/mstr-nonprod-110304/1.0.0"), "status": "ENABLED",
        "tags": { "goldsmith:environment": "nonprod", "goldsmith:recipename": "110304" },
    });
    let image = |build: u32, status: &str| {
        json!({
            "arn": format!("{ARN}:image/mstr-nonprod-110304/1.0.0/{build}"), "name": "mstr-nonprod-110304",
            "state": { "status": status, "reason": "a step failed" }, "dateCreated": "2026-01-01T10:00:00Z",
        })
    };
    let images = json!({ "imageSummaryList": [image(1, "AVAILABLE"), image(2, "FAILED")] });
    let detail = json!({ "image": {
        "arn": format!("{ARN}:image/mstr-nonprod-110304/1.0.0/2"),
        "state": { "status": "FAILED", "failureContext": { "imageStatus": "BUILDING", "failedStep": "ApplyBuildComponents" } },
    }});
    let workflows =
        json!({ "workflowExecutions": [{ "workflowExecutionId": "wf-1", "status": "FAILED" }] });
    let steps = json!({ "steps": [
        { "name": "LaunchBuildInstance", "action": "LaunchInstance", "status": "COMPLETED" },
        { "name": "ApplyBuildComponents", "action": "ExecuteComponents", "status": "FAILED", "message": "exit status 1" },
    ]});
    move |request: &Request| match request.path.split('?').next().unwrap_or_default() {
        "/2015-03-31/functions/goldsmith-nonprod-reconcile/configuration" => json(&configuration()),
        "/ListImagePipelines" => json(&json!({ "imagePipelineList": [pipeline.clone()] })),
        "/ListImageBuildVersions" => json(&images),
        "/GetImage" => json(&detail),
        "/ListWorkflowExecutions" => json(&workflows),
        "/ListWorkflowStepExecutions" => json(&steps),
        "/" if with_log => json(
            &json!({ "events": [{ "timestamp": 1, "message": "+ sshd -t\nbad configuration" }] }),
        ),
        "/" => (
            400,
            Vec::new(),
            r#"{"__type": "ResourceNotFoundException", "message": "no such group"}"#.to_owned(),
        ),
        _ => (
            404,
            Vec::new(),
            "<Error><Code>NoSuchKey</Code></Error>".to_owned(),
        ),
    }
}

#[test]
fn status_shows_each_recipe_and_ends_with_three_if_a_build_failed() {
    let stand_in = stack(false);
    let outcome = run(
        &["status", STACK[0], STACK[1], "--format", "json"],
        &stand_in.url,
    );
    let status: Value =
        serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    assert_eq!((outcome.code, &status["last-run"]), (3, &Value::Null));
    let recipe = &status["recipes"][0];
    assert_eq!(
        (&recipe["recipename"], &recipe["published"]),
        (&json!("110304"), &Value::Null)
    );
    let newest = &recipe["newest"];
    assert_eq!(
        (&newest["version"], &newest["state"], &newest["failed-in"]),
        (
            &json!("1.0.0/2"),
            &json!("FAILED"),
            &json!("BUILDING, step ApplyBuildComponents")
        )
    );
    let not_shown = status["not-shown"].as_array().expect("a list");
    assert!(
        not_shown.iter().any(|line| line
            .as_str()
            .is_some_and(|line| line.starts_with("the alarms: "))),
        "what may not be read is named: {not_shown:?}"
    );
    let table = run(&["status", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        table.code == 3 && table.out.contains("\n    > goldsmith logs 110304\n"),
        "{table:?}"
    );
    let unknown = run(&["status", "x", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        unknown.code == 1 && unknown.err.contains("no pipeline for the recipe x"),
        "{unknown:?}"
    );
}

#[test]
fn logs_show_when_it_was_the_step_its_message_and_the_end_of_the_log() {
    let outcome = run(&["logs", "110304", STACK[0], STACK[1]], &stack(true).url);
    let (head, rest) = outcome.out.split_once('\n').expect("lines");
    assert!(
        head.starts_with(
            "build 1.0.0/2 of 110304 is FAILED; it began on Thursday 2026-01-01 10:00 UTC"
        ),
        "{outcome:?}"
    );
    let expected =
        "  image: arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/2
  reason: a step failed
  state: BUILDING
  step: ApplyBuildComponents
  workflow step: ApplyBuildComponents (ExecuteComponents)
  message: exit status 1

the end of the log /aws/imagebuilder/mstr-nonprod-110304 1.0.0/2:
  | + sshd -t
  | bad configuration
";
    assert_eq!((outcome.code, rest), (0, expected), "{outcome:?}");
}

#[test]
fn logs_show_the_build_that_is_asked_for_and_name_a_failure_beside_it() {
    let arguments = ["logs", "110304", "--build", "1.0.0/1", STACK[0], STACK[1]];
    let outcome = run(&arguments, &stack(true).url);
    assert!(
        outcome
            .out
            .starts_with("build 1.0.0/1 of 110304 is AVAILABLE")
            && outcome.out.contains(
                "the last build that failed is 1.0.0/2: goldsmith logs 110304 --build 1.0.0/2"
            ),
        "{outcome:?}"
    );
    let none = run(
        &["logs", "110304", "--build", "9.9.9/9", STACK[0], STACK[1]],
        &stack(true).url,
    );
    assert!(
        none.code == 1 && none.err.contains("there is no build 9.9.9/9"),
        "{none:?}"
    );
}

/// A stack with one recipe, whose build has failed when its log has three pages: the first is shown at once.
fn followed(arguments: &[&str]) -> Outcome {
    followed_through(0, arguments)
}

/// The same, while the log cannot be read so many times behind what was shown.
fn followed_through(failures: usize, arguments: &[&str]) -> Outcome {
    let others = answers(true);
    let failed = AtomicUsize::new(0);
    let pages = [("t1", "shown"), ("t2", "between"), ("t3", "at the end")];
    let stand_in = StandIn::new(move |request: &Request| {
        if request.path != "/" {
            return others(request);
        }
        let body: Value = serde_json::from_str(&request.body).expect("JSON");
        let token = body["nextToken"].as_str();
        if token.is_some() && failed.fetch_add(1, Ordering::SeqCst) < failures {
            let code = ("x-amzn-errortype", "ServiceUnavailableException".to_owned());
            return (503, vec![code], "{}".to_owned());
        }
        let page = match token {
            None if body["startFromHead"] == json!(false) => Some(pages[0]),
            None => panic!("the lines before the shown ones are read again"),
            Some(token) => {
                let before = pages.iter().position(|(next, _)| *next == token);
                before.and_then(|before| pages.get(before + 1).copied())
            }
        };
        json(&match page {
            Some((next, line)) => {
                json!({ "events": [{ "message": line }], "nextForwardToken": next })
            }
            None => json!({ "events": [], "nextForwardToken": token }),
        })
    });
    run(
        &[
            &["logs", "110304", STACK[0], STACK[1], "--follow"],
            arguments,
        ]
        .concat(),
        &stand_in.url,
    )
}

#[test]
fn following_a_log_begins_behind_what_was_shown_and_ends_with_its_last_line() {
    let outcome = followed(&[]);
    assert!(
        outcome.code == 0
            && outcome
                .out
                .ends_with("  | shown\n  | between\n  | at the end\n"),
        "{outcome:?}"
    );
}

/// The calls themselves are tried three times: what comes through lasts longer.
#[test]
fn a_log_is_followed_through_errors_that_pass_and_they_are_told_once() {
    let outcome = followed_through(7, &[]);
    assert!(
        outcome.code == 0
            && outcome
                .out
                .ends_with("  | shown\n  | between\n  | at the end\n")
            && outcome.err.matches("trying again").count() == 1,
        "{outcome:?}"
    );
}

#[test]
fn the_lines_of_a_followed_log_are_json_if_the_build_is() {
    let outcome = followed(&["--format", "json"]);
    let values = serde_json::Deserializer::from_str(&outcome.out).into_iter::<Value>();
    let values: Vec<Value> = values
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    assert_eq!(values[0]["log"]["lines"], json!(["shown"]));
    assert_eq!(
        values[1..],
        [
            json!({ "line": "between" }),
            json!({ "line": "at the end" })
        ]
    );
}

#[test]
fn a_followed_log_is_kept_in_a_file_that_is_replaced_only_if_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("build.log");
    let file = path.to_str().expect("UTF-8");
    let first = followed(&["-o", file]);
    let kept = std::fs::read_to_string(&path).expect("a file");
    assert_eq!(
        kept,
        format!("{}1.0.0/2 is FAILED\n", first.out),
        "what is printed, and how the build ended"
    );
    let refused = followed(&["-o", file]);
    assert!(
        refused.code == 1
            && refused.out.is_empty()
            && refused.err.contains("exists already")
            && refused.err.contains("`--force` replaces the file"),
        "{refused:?}"
    );
    let lines = followed(&["-o", file, "--force", "--format", "json"]);
    let kept = std::fs::read_to_string(&path).expect("a file");
    assert_eq!((lines.code, kept), (0, lines.out));
}

#[test]
fn logs_report_a_missing_log() {
    let outcome = run(&["logs", "110304", STACK[0], STACK[1]], &stack(false).url);
    assert!(
        outcome.out.contains(
            "There is no log: /aws/imagebuilder/mstr-nonprod-110304 has no stream 1.0.0/2."
        ),
        "{outcome:?}"
    );
}

#[test]
fn builds_are_asked_for_by_name() {
    let started = json!({ "recipename": "110304", "pipeline-arn": "p", "image-arn": "i" });
    let answer = json!({ "started": [started], "skipped": [], "failed": [] });
    let stand_in = StandIn::new(move |_: &Request| json(&answer));
    let outcome = run(
        &["build", "110304", "110302", STACK[0], STACK[1]],
        &stand_in.url,
    );
    assert_eq!(
        (outcome.code, outcome.out.as_str()),
        (0, "110304: started i\n"),
        "{outcome:?}"
    );
    let requests = stand_in.requests();
    assert_eq!(
        requests[0].path,
        "/2015-03-31/functions/goldsmith-nonprod-scheduled-build/invocations"
    );
    assert_eq!(requests[0].body, r#"{"recipenames":"110304;110302"}"#);
}

#[test]
fn verbose_shows_each_call_with_its_time_and_leaves_the_answer_alone() {
    let answer = json!({ "started": [], "skipped": [], "failed": [] });
    let stand_in = StandIn::new(move |_: &Request| json(&answer));
    let build = ["build", "110304", STACK[0], STACK[1]];
    let quiet = run(&build, &stand_in.url);
    let verbose = run(&[&build[..], &["--verbose"]].concat(), &stand_in.url);
    assert_eq!((quiet.code, &quiet.out), (verbose.code, &verbose.out));
    assert!(!quiet.err.contains("lambda:Invoke"), "{quiet:?}");
    let shown = verbose
        .err
        .lines()
        .find(|line| line.starts_with("lambda:Invoke: "));
    assert!(shown.expect("the call").ends_with(" ms"), "{verbose:?}");
}
