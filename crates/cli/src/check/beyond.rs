//! What documents say that every plan refuses, although each of them is right: what can be known of it without
//! a stack.

use std::collections::BTreeSet;

use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::{DocumentFile, ENVIRONMENT, workload_accounts_region};
use goldsmith_domain::names::Region;
use goldsmith_domain::plan::unknown_scheduled;
use goldsmith_domain::problem::{Place, Problem};

/// The problems of documents that are all there; `present` are the keys of the folder's documents.
pub fn problems(
    desired: &Desired,
    files: &[DocumentFile],
    present: &BTreeSet<String>,
) -> Vec<Problem> {
    let scheduled = unknown_scheduled(desired, &[]).into_iter().map(|problem| {
        let hint = problem.hint.clone().unwrap_or_else(|| {
            "a recipe that has left ami-version gets patches only while its pipeline is there"
                .to_owned()
        });
        problem.hint(hint)
    });
    scheduled
        .chain(regions_without_key(desired, files))
        .chain(undeclared_workloads(desired, present))
        .collect()
}

/// Every Region but the building one needs a key, and only one can be that.
fn regions_without_key(desired: &Desired, files: &[DocumentFile]) -> Vec<Problem> {
    let regions = desired.regions.iter();
    let without: Vec<&Region> = regions
        .filter(|(_, settings)| settings.kms_key.is_none())
        .map(|(region, _)| region)
        .collect();
    if without.len() < 2 {
        return Vec::new();
    }
    let named = without.iter().map(|region| region.as_str());
    let named: Vec<&str> = named.collect();
    let hint = format!(
        "of {} only the Region of the stack has the stack's own key",
        named.join(", ")
    );
    let problem = |region: &&Region| {
        let found = format!("{region} without `kms-key`");
        let place = place_of(files, region.as_str());
        place
            .problem(found, "a `kms-key` in each further Region")
            .hint(hint.clone())
    };
    without.iter().map(problem).collect()
}

/// Where `environment.json` names a Region first.
fn place_of(files: &[DocumentFile], region: &str) -> Place {
    let start = Place {
        pointer: format!("/regions/{region}"),
        ..Place::start_of(ENVIRONMENT)
    };
    let file = files.iter().find(|file| file.key == ENVIRONMENT);
    let text = file.map(|file| String::from_utf8_lossy(&file.bytes));
    let Some(text) = text else {
        return start;
    };
    let quoted = format!("\"{region}\"");
    let found = text.lines().enumerate().find_map(|(line, content)| {
        let offset = content.find(&quoted)?;
        Some((line + 1, content[..offset].chars().count() + 1))
    });
    let (line, column) = found.unwrap_or((1, 1));
    Place {
        line,
        column,
        ..start
    }
}

/// Workload accounts of a Region that `environment.json` does not have: nobody reads them.
fn undeclared_workloads(desired: &Desired, present: &BTreeSet<String>) -> Vec<Problem> {
    let undeclared = present.iter().filter_map(|key| {
        let region = workload_accounts_region(key)?;
        (!desired.regions.contains_key(&region)).then_some((key, region))
    });
    undeclared
        .map(|(key, region)| {
            let found = format!("workload accounts of {region}");
            let expected = "a Region that environment.json has in `regions`";
            Place::start_of(key).problem(found, expected)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use goldsmith_domain::document::{Parsed, parse};

    use super::*;
    use crate::documents::from_text;

    fn environment(regions: &str) -> String {
        format!(
            r#"{{ "schema-version": 1, "environment": "nonprod", "family": "golden",
  "regions": {regions},
  "instance-types": ["m6i.large"], "volumes": [ {{ "size-gib": 30, "type": "gp3" }} ], "build-components": [], "test-components": [],
  "consumers": [], "tags": {{}} }}"#
        )
    }

    fn found(regions: &str, scheduled: &str, present: &[&str]) -> Vec<String> {
        let versions = format!(
            r#"{{ "ami-version": [ {{ "aminame": "ami-08bd941ae380bd3cd", "recipename": "110304" }} ],
  "ami-scheduled": [ {{ "recipenames": "{scheduled}" }} ] }}"#
        );
        let files = [
            from_text(ENVIRONMENT, &environment(regions)),
            from_text("ami-versions.json", &versions),
        ];
        let parsed = parse(&files);
        let Parsed::Desired(desired) = parsed else {
            panic!("{parsed:?}")
        };
        let present = present.iter().map(|&key| key.to_owned()).collect();
        let problems = problems(&desired, &files, &present);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_every_plan_refuses_is_a_problem() {
        assert_eq!(found(r#"{ "us-east-1": {} }"#, "110304", &[]), [""; 0]);
        let misspelt = found(r#"{ "us-east-1": {} }"#, "110304;110340", &[]);
        assert_eq!(misspelt.len(), 1);
        assert!(misspelt[0].contains("110340") && misspelt[0].contains("did you mean `110304`?"));
        let two = found(r#"{ "us-east-1": {}, "eu-west-1": {} }"#, "110304", &[]);
        assert_eq!(two.len(), 2);
        assert!(
            two[0].starts_with("environment.json:2:33: found eu-west-1 without `kms-key`"),
            "{two:?}"
        );
    }

    #[test]
    fn workload_accounts_need_their_region() {
        let present = [
            "workload_accounts.us-east-1.json",
            "amis/workload-accounts.eu-west-1.json",
        ];
        let found = found(r#"{ "us-east-1": {} }"#, "110304", &present);
        assert_eq!(
            found,
            [
                "amis/workload-accounts.eu-west-1.json:1:1: found workload accounts of eu-west-1, \
              expected a Region that environment.json has in `regions`"
            ]
        );
    }
}
