//! Faults on demand: an operation that answers an error, a response that is lost after the
//! commit, a build that fails.

use serde::{Deserialize, Serialize};

use crate::resources::image::ImageStatus;

/// A fault to be injected.
///
/// In JSON one of `{"operation": "imagebuilder:CreateImage", "nth": 2, "times": 1, "answer":
/// {"status": 429, "code": "CallRateLimitExceededException", "message": "..."}}`, `{"operation":
/// "imagebuilder:CreateImage", "drop-response-after-commit": true}` and `{"fail-build": {"state":
/// "TESTING", "recipe": "name", "times": 1, "failure-context": true}}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawFault")]
pub enum Fault {
    /// Answers calls with an error instead of carrying them out.
    Answer {
        /// Which calls.
        matching: Matching,
        /// With what.
        answer: FaultAnswer,
    },
    /// Carries the calls out, then loses the response.
    DropResponse {
        /// Which calls.
        matching: Matching,
    },
    /// Fails builds.
    FailBuild(BuildFailure),
}

/// Which calls of an operation a fault hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// Service and operation, for example `ec2:DescribeImages`.
    pub operation: String,
    /// The first call that is hit, counted from 1 when the fault is added.
    pub nth: u64,
    /// How many calls in a row are hit.
    pub times: u64,
}

impl Matching {
    /// The next call of an operation, for example `imagebuilder:CreateImage`.
    pub fn next(operation: impl Into<String>) -> Self {
        Self { operation: operation.into(), nth: 1, times: 1 }
    }
}

/// An injected error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FaultAnswer {
    /// HTTP status.
    pub status: u16,
    /// Error code.
    pub code: String,
    /// Text for people.
    #[serde(default = "injected")]
    pub message: String,
}

/// A failure of builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildFailure {
    /// The state in which builds fail, in Image Builder's spelling: BUILDING, TESTING,
    /// DISTRIBUTING or INTEGRATING.
    pub state: String,
    /// Only builds of the recipe with this folded name.
    pub recipe: Option<String>,
    /// How many builds fail.
    #[serde(default = "once")]
    pub times: u64,
    /// Whether the image gets a `state.failureContext`.
    #[serde(default = "yes")]
    pub failure_context: bool,
}

impl BuildFailure {
    /// Whether a build of a recipe fails in this state.
    pub(crate) fn hits(&self, recipe: &str, status: ImageStatus) -> bool {
        let recipe_hit = self.recipe.as_deref().is_none_or(|wanted| wanted == recipe);
        self.times > 0 && recipe_hit && self.state == status.to_string()
    }
}

fn injected() -> String {
    "An injected fault.".to_owned()
}

fn once() -> u64 {
    1
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawFault {
    operation: Option<String>,
    #[serde(default = "once")]
    nth: u64,
    #[serde(default = "once")]
    times: u64,
    answer: Option<FaultAnswer>,
    #[serde(default)]
    drop_response_after_commit: bool,
    fail_build: Option<BuildFailure>,
}

/// The JSON is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Neither or several of the three kinds.
    #[error("a fault has either fail-build, or an operation with answer or drop-response-after-commit")]
    Kind,
    /// The operation does not name its service.
    #[error("\"{0}\" is not an operation, expected for example \"imagebuilder:CreateImage\"")]
    Operation(String),
    /// A state in which builds cannot be made to fail.
    #[error("\"{0}\" is not BUILDING, TESTING, DISTRIBUTING or INTEGRATING")]
    State(String),
}

impl TryFrom<RawFault> for Fault {
    type Error = FaultError;

    fn try_from(raw: RawFault) -> Result<Self, Self::Error> {
        let RawFault { operation, nth, times, answer, drop_response_after_commit, fail_build } = raw;
        let matching = operation.map(|operation| matching(operation, nth, times)).transpose()?;
        match (matching, answer, drop_response_after_commit, fail_build) {
            (Some(matching), Some(answer), false, None) => Ok(Self::Answer { matching, answer }),
            (Some(matching), None, true, None) => Ok(Self::DropResponse { matching }),
            (None, None, false, Some(failure)) => failing(failure),
            _ => Err(FaultError::Kind),
        }
    }
}

fn matching(operation: String, nth: u64, times: u64) -> Result<Matching, FaultError> {
    match operation.split_once(':') {
        Some(("imagebuilder" | "ec2", _)) => Ok(Matching { operation, nth: nth.max(1), times }),
        Some(_) | None => Err(FaultError::Operation(operation)),
    }
}

fn failing(failure: BuildFailure) -> Result<Fault, FaultError> {
    match failure.state.as_str() {
        "BUILDING" | "TESTING" | "DISTRIBUTING" | "INTEGRATING" => Ok(Fault::FailBuild(failure)),
        _ => Err(FaultError::State(failure.state)),
    }
}

/// What a call is to suffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Suffering {
    /// This answer.
    Answer(FaultAnswer),
    /// The loss of its response.
    DropResponse,
}

struct Armed {
    matching: Matching,
    suffering: Suffering,
    seen: u64,
}

/// The faults that wait for their calls.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    /// Adds a fault of an operation.
    pub fn arm(&mut self, matching: Matching, suffering: Suffering) {
        self.0.push(Armed { matching, suffering, seen: 0 });
    }

    /// Counts a call, and tells what it is to suffer.
    pub fn strike(&mut self, operation: &str) -> Option<Suffering> {
        let mut struck = None;
        for armed in self.0.iter_mut().filter(|armed| armed.matching.operation == operation) {
            armed.seen += 1;
            let Matching { nth, times, .. } = armed.matching;
            if armed.seen >= nth && armed.seen - nth < times {
                struck.get_or_insert_with(|| armed.suffering.clone());
            }
        }
        self.0.retain(|armed| armed.seen < armed.matching.nth - 1 + armed.matching.times);
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_counts_from_when_the_fault_is_added() {
        let mut faults = Faults::default();
        let matching = Matching { operation: "ec2:X".to_owned(), nth: 2, times: 2 };
        faults.arm(matching, Suffering::DropResponse);
        let struck: Vec<_> = (0..5).map(|_| faults.strike("ec2:X").is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(faults.strike("ec2:Y"), None);
    }

    #[test]
    fn faults_are_read_from_json() {
        let text = r#"{"operation": "imagebuilder:CreateImage", "nth": 2,
            "answer": {"status": 429, "code": "CallRateLimitExceededException"}}"#;
        let Fault::Answer { matching, answer } = serde_json::from_str(text).unwrap() else {
            panic!("not an answer");
        };
        assert_eq!((matching.nth, matching.times, answer.status), (2, 1, 429));
        for bad in [
            r"{}",
            r#"{"operation": "CreateImage", "drop-response-after-commit": true}"#,
            r#"{"operation": "imagebuilder:CreateImage"}"#,
            r#"{"fail-build": {"state": "PENDING"}}"#,
            r#"{"fail-build": {"state": "TESTING", "colour": 1}}"#,
        ] {
            assert!(serde_json::from_str::<Fault>(bad).is_err(), "{bad}");
        }
    }
}
