//! The variables that the workflows of `.github/workflows` read: are they set, and do they have the right form?

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use goldsmith_domain::escape::printable;
use goldsmith_domain::names::{Environment, Region, RoleArn};
use serde::Deserialize;

use super::model::Check;
use crate::repository;
use crate::tool::answer;

/// How long `gh` may take.
const LONGEST: Duration = Duration::from_secs(5);
/// Workflows, and what the name of the GitHub environment that each uses ends with.
const WORKFLOWS: [(&str, &str); 2] = [("ami-versions.yml", ""), ("ami-versions-plan.yml", "-plan")];
/// The page that says how to set them.
const PAGE: &str = "docs/pull-requests.md#setting-it-up-on-github";

/// A variable, as `gh variable list --json name,value` prints it.
#[derive(Debug, Deserialize)]
struct Variable {
    name: String,
    value: String,
}

/// Variables by name.
type Variables = BTreeMap<String, String>;

/// The check of the variables of an environment, for documents in `dir`. Inside of a workflow `variable` has them;
/// on a workstation `gh` is asked.
pub fn check(
    dir: &Path,
    environment: &Environment,
    variable: impl Fn(&str) -> Option<String>,
) -> Check {
    let real = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let Some(root) = repository::root(&real) else {
        return Check::skipped("github", "the folder is in no Git repository");
    };
    let workflows = root.join(".github/workflows");
    let environments: Vec<String> = WORKFLOWS
        .iter()
        .filter(|(workflow, _)| workflows.join(workflow).is_file())
        .map(|(_, end)| format!("{environment}{end}"))
        .collect();
    if environments.is_empty() {
        return Check::skipped("github", "the repository has no workflow of goldsmith");
    }
    if variable("GITHUB_ACTIONS").is_some() {
        let names = ["AWS_ROLE", "AWS_REGION", "PIPELINE_CONFIG_URL"];
        let given = names.map(|name| Some((name.to_owned(), variable(name)?)));
        let given: Variables = given.into_iter().flatten().collect();
        return judged(&[("this job".to_owned(), given)]);
    }
    match asked(root, &environments) {
        Ok(given) => judged(&given),
        Err(why) => Check::skipped("github", format!("gh was not asked: {why}; see {PAGE}")),
    }
}

/// What GitHub has for each environment. What an environment does not have is the repository's.
fn asked(root: &Path, environments: &[String]) -> Result<Vec<(String, Variables)>, String> {
    thread::scope(|scope| {
        let shared = scope.spawn(|| listed(root, None));
        let own: Vec<_> = environments
            .iter()
            .map(|name| (name, scope.spawn(move || listed(root, Some(name)))))
            .collect();
        let ended = |_| Err("it cannot be waited for".to_owned());
        let shared = shared.join().unwrap_or_else(ended)?;
        own.into_iter()
            .map(|(name, own)| {
                let mut all = shared.clone();
                all.extend(own.join().unwrap_or_else(ended)?);
                Ok((name.clone(), all))
            })
            .collect()
    })
}

/// The variables of the repository, or of an environment of it.
fn listed(root: &Path, environment: Option<&String>) -> Result<Variables, String> {
    let mut gh = Command::new("gh");
    gh.current_dir(root)
        .env("GH_PROMPT_DISABLED", "1")
        .env("GH_NO_UPDATE_NOTIFIER", "1")
        .args(["variable", "list", "--json", "name,value"]);
    if let Some(environment) = environment {
        gh.args(["--env", environment]);
    }
    let said = answer(gh, LONGEST).map_err(|error| error.to_string())?;
    let listed: Vec<Variable> =
        serde_json::from_str(&said).map_err(|_| "it prints no list of variables".to_owned())?;
    let pairs = listed.into_iter().map(|one| (one.name, one.value));
    Ok(pairs.collect())
}

/// Whether each environment has what a workflow needs.
fn judged(given: &[(String, Variables)]) -> Check {
    let wrong = given.iter().find_map(|(name, variables)| {
        wrong(variables).map(|(variable, why)| (name, variable, why))
    });
    let names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    match wrong {
        None => Check::ok(
            "github",
            format!(
                "AWS_ROLE and AWS_REGION are set for {}",
                names.join(" and ")
            ),
        ),
        Some((name, variable, why)) => Check::warning(
            "github",
            format!("{variable} of {name}: {}", printable(&why)),
            PAGE,
        ),
    }
}

/// The first variable that is wrong, and why.
fn wrong(variables: &Variables) -> Option<(&'static str, String)> {
    let is_role = |text: &str| text.parse::<RoleArn>().is_ok();
    let is_region = |text: &str| text.parse::<Region>().is_ok();
    let is_url = |text: &str| text == "none" || text.starts_with("https://");
    let of = |name, is_right: &dyn Fn(&str) -> bool, expected: &str, needed: bool| {
        let why = match variables.get(name).filter(|value| !value.is_empty()) {
            None if needed => format!("found nothing, expected {expected}"),
            Some(value) if !is_right(value) => format!("found `{value}`, expected {expected}"),
            None | Some(_) => return None,
        };
        Some((name, why))
    };
    of("AWS_ROLE", &is_role, "the ARN of a role", true)
        .or_else(|| {
            of(
                "AWS_REGION",
                &is_region,
                "a Region, such as us-east-1",
                true,
            )
        })
        .or_else(|| {
            let expected = "an https:// address, or `none`";
            of("PIPELINE_CONFIG_URL", &is_url, expected, false)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let pairs = pairs.iter();
        pairs
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn each_variable_has_its_form_and_the_first_wrong_one_is_named() {
        let role = "arn:aws:iam::111122223333:role/goldsmith-upload";
        let right = variables(&[("AWS_ROLE", role), ("AWS_REGION", "us-east-1")]);
        let environment = |variables: &Variables| ("nonprod".to_owned(), variables.clone());
        let check = judged(&[environment(&right)]);
        assert_eq!(
            (check.state, check.found.as_str()),
            (State::Ok, "AWS_ROLE and AWS_REGION are set for nonprod")
        );
        for (name, value, expected) in [
            (
                "AWS_ROLE",
                "",
                "AWS_ROLE of nonprod: found nothing, expected the ARN of a role",
            ),
            (
                "AWS_ROLE",
                "goldsmith",
                "AWS_ROLE of nonprod: found `goldsmith`, expected the ARN of a role",
            ),
            (
                "AWS_REGION",
                "virginia",
                "AWS_REGION of nonprod: found `virginia`, expected a Region, such as us-east-1",
            ),
            (
                "PIPELINE_CONFIG_URL",
                "git@host:a/b",
                "PIPELINE_CONFIG_URL of nonprod: found `git@host:a/b`, expected an https:// address, or `none`",
            ),
        ] {
            let mut wrong = right.clone();
            wrong.insert(name.to_owned(), value.to_owned());
            let check = judged(&[environment(&right), environment(&wrong)]);
            assert_eq!(
                (check.state, check.found.as_str()),
                (State::Warning, expected)
            );
        }
    }
}
