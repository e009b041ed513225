//! `goldsmith build`: starts builds now, through scheduled-build.

use goldsmith_aws::operator::Function;
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::report::Entry;
use serde::Deserialize;
use serde_json::json;

use crate::arguments::Build;
use crate::draw::printable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stack;
use crate::voice::Voice;

/// What scheduled-build answers.
#[derive(Debug, Default, Deserialize)]
struct Outcome {
    started: Vec<Started>,
    skipped: Vec<Skipped>,
    failed: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Started {
    recipename: String,
    image_arn: String,
}

#[derive(Debug, Deserialize)]
struct Skipped {
    recipename: String,
    reason: String,
}

/// Starts the builds, and tells which started.
pub async fn run(arguments: &Build, voice: Voice) -> Result<Exit, Failure> {
    let operator = stack::operator(&arguments.stack).await?;
    let names: Vec<&str> = arguments.recipes.iter().map(RecipeName::as_str).collect();
    let request = json!({ "recipenames": names.join(";") });
    let answer = operator.invoke(Function::ScheduledBuild, &request);
    let outcome: Outcome = voice.during("starting builds", answer).await?;
    voice.data(&text(&outcome));
    Ok(exit(&outcome))
}

fn text(outcome: &Outcome) -> String {
    let started = outcome
        .started
        .iter()
        .map(|build| format!("{}: started {}\n", build.recipename, build.image_arn));
    let skipped = outcome.skipped.iter().map(|skipped| {
        format!(
            "{}: skipped, {}\n",
            skipped.recipename,
            printable(&skipped.reason)
        )
    });
    let failed = outcome
        .failed
        .iter()
        .map(|entry| format!("failed: {}\n", printable(&entry.to_string())));
    started.chain(skipped).chain(failed).collect()
}

/// Whoever asks for builds and gets none has to be told in a way that a script sees.
fn exit(outcome: &Outcome) -> Exit {
    if outcome.failed.is_empty() && !outcome.started.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(json: &str) -> Outcome {
        serde_json::from_str(json).expect("what the function answers")
    }

    #[test]
    fn what_starts_and_what_does_not_is_told() {
        let outcome = outcome(
            r#"{"documents": {}, "started": [{"recipename": "a", "pipeline-arn": "p", "image-arn": "image/a/1.0.0/2"}],
                "skipped": [{"recipename": "b", "reason": "image b still builds"}], "failed": [], "calls": {}, "writes": 1}"#,
        );
        assert_eq!(
            text(&outcome),
            "a: started image/a/1.0.0/2\nb: skipped, image b still builds\n"
        );
        assert_eq!(exit(&outcome), Exit::Done);
    }

    #[test]
    fn no_build_is_no_success() {
        let outcome = outcome(
            r#"{"started": [], "skipped": [{"recipename": "b", "reason": "it builds"}], "failed": []}"#,
        );
        assert_eq!(exit(&outcome), Exit::Refused);
    }
}
