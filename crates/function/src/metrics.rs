//! Metrics of the factory, in the namespace `Goldsmith`. They are lines of the log in the embedded metric format, of which
//! CloudWatch makes metrics by itself (CloudWatch user guide, "Embedding metrics within logs"): no call is made, and the
//! functions need no permission.

use std::io::stdout;
use std::sync::OnceLock;

use goldsmith_domain::failure::FailureClass;
use goldsmith_domain::names::Environment;
use metrics::{Unit, counter, gauge, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

/// The namespace.
pub const NAMESPACE: &str = "Goldsmith";

/// The dimension that every metric has: the environment of the stack.
const ENVIRONMENT: &str = "Environment";
/// The further dimension of [`BUILDS_FAILED`]: what kind of failure it was.
const CLASS: &str = "Class";

/// Builds that a function started.
pub const BUILDS_STARTED: &str = "BuildsStarted";
/// Builds that ended with an image; one whose event comes twice counts twice.
pub const BUILDS_SUCCEEDED: &str = "BuildsSucceeded";
/// Builds that failed, once for each image; also by the kind of failure.
pub const BUILDS_FAILED: &str = "BuildsFailed";
/// From the upload of a document to the start of the builds that it asks for.
pub const SECONDS_TO_START: &str = "SecondsToStart";
/// From the start of a build to the publication of its image, with its tests and the time that a person takes to approve.
pub const SECONDS_TO_PROMOTION: &str = "SecondsToPromotion";
/// Images that wait for a person.
pub const IMAGES_AWAITING_APPROVAL: &str = "ImagesAwaitingApproval";
/// Waivers that have ended, or end within two weeks.
pub const WAIVERS_ENDING: &str = "WaiversEnding";
/// What failed builds have left that is still there.
pub const LEAKED_GIB: &str = "LeakedGiB";
/// Days since a recipe of the schedule was last built with success: the most of any recipe.
pub const DAYS_WITHOUT_BUILD: &str = "DaysWithoutBuild";
/// Builds that failed since the last good one: the most of any recipe.
pub const FAILURES_IN_A_ROW: &str = "FailuresInARow";
/// Percent of what AWS takes that the policy of a key or of the output bucket has: the most of any.
pub const POLICY_PERCENT: &str = "PolicyPercent";
/// Runs that failed, or in which a change failed.
pub const RUNS_FAILED: &str = "RunsFailed";

/// Every metric, with its unit.
const ALL: [(&str, Unit); 12] = [
    (BUILDS_STARTED, Unit::Count),
    (BUILDS_SUCCEEDED, Unit::Count),
    (BUILDS_FAILED, Unit::Count),
    (SECONDS_TO_START, Unit::Seconds),
    (SECONDS_TO_PROMOTION, Unit::Seconds),
    (IMAGES_AWAITING_APPROVAL, Unit::Count),
    (WAIVERS_ENDING, Unit::Count),
    (LEAKED_GIB, Unit::Gibibytes),
    (DAYS_WITHOUT_BUILD, Unit::Count),
    (FAILURES_IN_A_ROW, Unit::Count),
    (POLICY_PERCENT, Unit::Percent),
    (RUNS_FAILED, Unit::Count),
];

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Collects metrics of this process from now on. Without it nothing is collected, as in a test.
pub(crate) fn init(environment: &Environment) {
    let builder = Builder::new()
        .cloudwatch_namespace(NAMESPACE)
        .with_dimension(ENVIRONMENT, environment.to_string());
    match builder.init() {
        Ok(collector) => {
            describe();
            COLLECTOR.get_or_init(|| collector);
        }
        Err(error) => tracing::warn!(%error, "there are no metrics"),
    }
}

fn describe() {
    metrics::with_recorder(|recorder| {
        for (name, unit) in ALL {
            recorder.describe_gauge(name.into(), Some(unit), "".into());
        }
    });
}

/// Adds to what is counted.
pub fn count(metric: &'static str, more: usize) {
    counter!(metric).increment(more as u64);
}

/// Counts a failed build, in all and by its class.
pub fn count_failure(class: FailureClass) {
    count(BUILDS_FAILED, 1);
    counter!(BUILDS_FAILED, CLASS => class.as_str()).increment(1);
}

/// Says how much there is of something now.
#[expect(clippy::cast_precision_loss, reason = "far below 2 to the power of 52")]
pub fn set(metric: &'static str, value: u64) {
    gauge!(metric).set(value as f64);
}

/// Says how long something took.
pub fn took(metric: &'static str, seconds: u32) {
    histogram!(metric).record(f64::from(seconds));
}

/// Writes what was collected since the last time to the log.
pub(crate) fn flush() {
    if let Some(collector) = COLLECTOR.get()
        && let Err(error) = collector.flush(stdout())
    {
        tracing::warn!(%error, "the metrics of a run are lost");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn each_metric_is_in_the_page_for_operators() {
        let page = include_str!("../../../docs/operations.md");
        for (name, _) in ALL {
            assert!(page.contains(&format!("| `{name}` |")), "{name}");
        }
    }

    /// As CloudWatch reads them (CloudWatch user guide, "Specification: Embedded metric format").
    #[test]
    fn metrics_are_lines_in_the_embedded_metric_format() {
        init(&"nonprod".parse().expect("an environment"));
        count(BUILDS_STARTED, 2);
        count_failure(FailureClass::Quota);
        set(LEAKED_GIB, 30);
        took(SECONDS_TO_START, 7);
        let mut text = Vec::new();
        let collector = COLLECTOR.get().expect("a collector");
        collector.flush(&mut text).expect("text");
        let text = String::from_utf8(text).expect("text");
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let with = |dimensions: Value| {
            let of =
                |line: &&Value| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0] == dimensions;
            lines.iter().find(of).expect("a line")
        };
        let all = with(json!(["Environment"]));
        assert_eq!(all["_aws"]["CloudWatchMetrics"][0]["Namespace"], NAMESPACE);
        assert_eq!(all["Environment"], "nonprod");
        assert_eq!(all[BUILDS_STARTED], 2);
        assert_eq!(all[BUILDS_FAILED], 1);
        assert_eq!(all[LEAKED_GIB], 30.0);
        let classed = with(json!(["Environment", "Class"]));
        assert_eq!(
            (&classed["Class"], &classed[BUILDS_FAILED]),
            (&json!("quota"), &json!(1))
        );
        let units = all["_aws"]["CloudWatchMetrics"][0]["Metrics"].to_string();
        assert!(
            units.contains(r#"{"Name":"LeakedGiB","Unit":"Gigabytes"}"#),
            "{units}"
        );
    }
}
