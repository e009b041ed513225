//! `build --wait` against a stand-in: how it ends if AWS does not answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::look::configuration;
use crate::run::{Outcome, run};
use crate::stand_in::{Answer, Request, StandIn};

const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";

fn json(value: &Value) -> Answer {
    (200, Vec::new(), value.to_string())
}

/// Waits for a build that has ended with `status`, while the first answers to a list are `errors`.
fn wait(status: &'static str, errors: &'static [(u16, &'static str)]) -> Outcome {
    let image = format!("{ARN}:image/mstr-nonprod-110304/1.0.0/2");
    let pipeline = json!({
        "arn": format!("{ARN}:image-pipeline/mstr-nonprod-110304"), "name": "mstr-nonprod-110304",
        "imageRecipeArn": format!("{ARN}:image-recipe/mstr-nonprod-110304/1.0.0"), "status": "ENABLED",
        "tags": {
            "goldsmith:environment": "nonprod", "goldsmith:recipename": "110304",
            "goldsmith:published": image.as_str(),
        },
    });
    let started =
        json!({ "recipename": "110304", "pipeline-arn": "p", "image-arn": image.as_str() });
    let listed =
        json!({ "arn": image, "name": "mstr-nonprod-110304", "state": { "status": status } });
    let asked = AtomicUsize::new(0);
    let stand_in = StandIn::new(move |request: &Request| {
        match request.path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/configuration") => json(&configuration()),
            path if path.ends_with("/invocations") => {
                json(&json!({ "started": [started], "skipped": [], "failed": [] }))
            }
            "/ListImagePipelines" => {
                let error = errors.get(asked.fetch_add(1, Ordering::SeqCst));
                error.map_or_else(
                    || json(&json!({ "imagePipelineList": [pipeline.clone()] })),
                    |(status, code)| {
                        (
                            *status,
                            vec![("x-amzn-errortype", (*code).to_owned())],
                            "{}".to_owned(),
                        )
                    },
                )
            }
            "/ListImageBuildVersions" => json(&json!({ "imageSummaryList": [listed.clone()] })),
            _ => (404, Vec::new(), "{}".to_owned()),
        }
    });
    let arguments = [
        "build",
        "110304",
        "--wait",
        "--against",
        "goldsmith-nonprod",
    ];
    run(&arguments, &stand_in.url)
}

#[test]
fn a_build_that_has_ended_before_the_first_look_is_found() {
    let failed = wait("FAILED", &[]);
    assert!(
        failed.code == 3 && failed.err.contains("goldsmith logs 110304"),
        "{failed:?}"
    );
    let available = wait("AVAILABLE", &[]);
    assert!(
        available.code == 0
            && available
                .err
                .contains("110304 1.0.0/2: AVAILABLE, published"),
        "{available:?}"
    );
}

#[test]
fn waiting_that_is_denied_is_an_error() {
    let denied = wait("AVAILABLE", &[(403, "AccessDeniedException")]);
    assert!(
        denied.code == 1
            && denied.err.contains("are no longer waited for")
            && denied.err.contains("goldsmith status"),
        "{denied:?}"
    );
}

#[test]
fn waiting_goes_on_after_an_error_that_passes() {
    // The client itself tries a read three times.
    let throttled = wait("FAILED", &[(429, "CallRateLimitExceededException"); 3]);
    assert_eq!(throttled.code, 3, "{throttled:?}");
}
