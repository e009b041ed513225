//! Documents that are made to cost much: what is counted is bounded, however large they are.

use super::*;
use crate::document::spelling::MOST_COMPARISONS;
use crate::problem::MOST_PROBLEMS;

/// The most that a report says of one problem, in bytes.
const MOST_OF_A_PROBLEM: usize = 4096;

/// As many items, with `,` between them, as fit into a document beside `head` and `tail`.
fn full(head: &str, tail: &str, item: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    for number in 0.. {
        let item = item(number);
        if text.len() + item.len() + tail.len() + 1 > LARGEST {
            break;
        }
        let comma = if number == 0 { "" } else { "," };
        text.extend([comma, &item]);
    }
    text + tail
}

fn environment_with(regions: &str, more: &str) -> String {
    let regions = environment(
        r#""regions": { "us-east-1": {} }"#,
        &format!(r#""regions": {{ {regions} }}"#),
    );
    regions.replacen('{', &format!("{{{more}"), 1)
}

/// The number of comparisons that reading the sample with these documents costs.
fn comparisons(changed: &[(&str, &str)]) -> usize {
    let sample = sample();
    let files: Vec<_> = changed
        .iter()
        .chain(&sample)
        .map(|(key, text)| file(key, text))
        .collect();
    let guesses = Guesses::default();
    let Parsed::Rejected(problems) = parse_with(&files, &guesses) else {
        panic!("accepted")
    };
    let (first, _) = problems.into_parts();
    assert!(
        first.len() <= MOST_PROBLEMS
            && first.is_sorted_by_key(|p| (p.file.clone(), p.line, p.column))
    );
    for problem in first {
        let size = serde_json::to_string(&problem).expect("JSON").len();
        assert!(
            size <= MOST_OF_A_PROBLEM,
            "{size} bytes: {:.200}",
            problem.to_string()
        );
    }
    guesses.comparisons()
}

fn harden_text() -> &'static str {
    let [.., (_, text)] = sample();
    text
}

fn entries(item: impl Fn(usize) -> String) -> String {
    full(r#"{"ami-scheduled": [], "ami-version": ["#, "]}", item)
}

#[test]
fn thousands_of_misspelt_recipes_beside_thousands_of_entries_are_compared_a_bounded_number_of_times()
 {
    let versions = entries(|n| format!(r#"{{"aminame":"recipe:b{n:07}","recipename":"a{n:07}"}}"#));
    let count = versions.matches("aminame").count();
    assert!(count > 4000, "{count}");
    assert_eq!(comparisons(&[(AMI_VERSIONS, &versions)]), MOST_COMPARISONS);
}

#[test]
fn thousands_of_launch_templates_of_unknown_recipes_are_compared_a_bounded_number_of_times() {
    let versions = entries(|n| format!(r#"{{"aminame":"ami-1a2b3c4d","recipename":"a{n:07}"}}"#));
    let templates = full("", "", |n| format!(r#""b{n:07}":["lt-00000000000000001"]"#));
    let regions = format!(
        r#""us-east-1": {{ "launch-templates": {{ {} }} }}"#,
        &templates[..templates[..200_000].rfind(',').expect("one")]
    );
    let environment = environment_with(&regions, "");
    assert_eq!(
        comparisons(&[(AMI_VERSIONS, &versions), (ENVIRONMENT, &environment)]),
        MOST_COMPARISONS
    );
}

#[test]
fn thousands_of_unknown_keys_and_words_are_compared_a_bounded_number_of_times() {
    let keys = full("{", "}", |n| format!(r#""regoin{n}":1"#));
    assert!(comparisons(&[(ENVIRONMENT, &keys)]) <= MOST_COMPARISONS);
    let platforms = entries(|_| r#"{"platform":"Linnx"}"#.to_owned());
    assert_eq!(comparisons(&[(AMI_VERSIONS, &platforms)]), MOST_COMPARISONS);
    let components = entries(|n| {
        format!(
            r#"{{"aminame":"ami-1a2b3c4d","recipename":"a{n}","components":["components/b{n}.yml"]}}"#
        )
    });
    let allowed = full("", "", |n| format!(r#""components/a{n}.yml""#));
    let allowed = format!(
        r#""allowed-components": [{}],"#,
        &allowed[..allowed[..200_000].rfind(',').expect("one")]
    );
    let environment = environment_with(r#""us-east-1": {}"#, &allowed);
    assert_eq!(
        comparisons(&[(AMI_VERSIONS, &components), (ENVIRONMENT, &environment)]),
        MOST_COMPARISONS
    );
}

#[test]
fn long_words_are_not_compared_and_not_repeated_in_messages() {
    let long = "x".repeat(200_000);
    assert_eq!(
        comparisons(&[(ENVIRONMENT, &format!(r#"{{"{long}": 1}}"#))]),
        0
    );
    assert!(
        comparisons(&[(
            AMI_VERSIONS,
            &entries(|_| format!(r#"{{"{}":1,"aminame":"{0}"}}"#, "k".repeat(60_000)))
        )]) < MOST_COMPARISONS
    );
    let value = format!(
        r#"{{"ami-scheduled": [], "ami-version": [{{"platform":"{long}","description":"{long:.9}","recipename":1}}]}}"#
    );
    assert_eq!(comparisons(&[(AMI_VERSIONS, &value)]), 0);
}

#[test]
fn a_long_key_above_many_problems_is_in_none_of_their_pointers() {
    let long = "x".repeat(100_000);
    let below = full("", "", |n| format!(r#""k{n}":1"#));
    let below = &below[..below[..100_000].rfind(',').expect("one")];
    let environment = environment_with(&format!(r#""{long}": {{ {below} }}"#), "");
    assert!(comparisons(&[(ENVIRONMENT, &environment)]) <= MOST_COMPARISONS);
    let workloads = format!(r#"{{ "{long}": {{ "account_id": 1, "owner": 2, "vpc_id": 3 }} }}"#);
    assert_eq!(comparisons(&[(WORKLOADS, &workloads)]), 0);
}

#[test]
fn a_message_does_not_list_thousands_of_parameters_words_or_regions() {
    let declaration = |n| format!("  - Parameter{n}: {{ type: string, default: x }}\n");
    let declared = (0..600).map(declaration).collect::<Vec<_>>().concat();
    let harden = harden_text().replacen("phases:", &format!("parameters:\n{declared}phases:"), 1);
    assert!(harden.contains("Parameter599"));
    let given = r#"{ "component": "components/harden.yml", "parameters": { "Nothing": "x" } }"#;
    let misspelt = environment(r#""components/harden.yml""#, given);
    assert!(comparisons(&[(HARDEN, &harden), (ENVIRONMENT, &misspelt)]) <= MOST_COMPARISONS);
    let words: Vec<String> = (0..1000).map(|n| format!("w{n}")).collect();
    let allowed = format!(
        "parameters:\n  - Word: {{ type: string, allowedValues: [ {}, {} ] }}\nphases:",
        words.join(", "),
        "w".repeat(5000)
    );
    let harden = harden_text().replacen("phases:", &allowed, 1);
    let given = r#"{ "component": "components/harden.yml", "parameters": { "Word": "x" } }"#;
    let misspelt = environment(r#""components/harden.yml""#, given);
    assert!(comparisons(&[(HARDEN, &harden), (ENVIRONMENT, &misspelt)]) <= MOST_COMPARISONS);
}

#[test]
fn fifty_regions_are_the_most_and_no_further_document_is_needed_for_more() {
    let regions = |count: usize| {
        let name = |n: usize| {
            format!(
                r#""{}{}-west-1": {{}}"#,
                char::from(b'a' + u8::try_from(n / 26).expect("small")),
                char::from(b'a' + u8::try_from(n % 26).expect("small"))
            )
        };
        (0..count).map(name).collect::<Vec<_>>().join(", ")
    };
    let files = |count: usize| {
        let text = environment_with(&regions(count), "");
        [file(ENVIRONMENT, &text)]
    };
    let workloads = |count: usize| {
        needed_keys(&files(count))
            .iter()
            .filter(|key| key.contains("west-1"))
            .count()
    };
    assert_eq!((workloads(50), workloads(51)), (200, 0));
    let many = full("", "", |n| format!(r#""aa-west-{}": {{}}"#, n % 100));
    let environment = environment_with(&many[..many[..200_000].rfind(',').expect("one")], "");
    assert_eq!(comparisons(&[(ENVIRONMENT, &environment)]), 0);
}

#[test]
fn thousands_of_names_that_are_there_twice_cost_no_comparison() {
    let versions = entries(|_| r#"{"aminame":"ami-1a2b3c4d","recipename":"a"}"#.to_owned());
    assert_eq!(comparisons(&[(AMI_VERSIONS, &versions)]), 0);
    let keys = full("{", "}", |_| r#""$schema":"x""#.to_owned());
    assert_eq!(comparisons(&[(ENVIRONMENT, &keys)]), 0);
}

#[test]
fn parameters_beyond_the_limit_are_not_written_into_every_name() {
    let versions = entries(|n| format!(r#"{{"aminame":"ami-1a2b3c4d","recipename":"a{n:07}"}}"#));
    let parameters = full("", "", |n| {
        format!(r#""/imagebuilder/p{n}/{{recipename}}""#)
    });
    let parameters = &parameters[..parameters[..200_000].rfind(',').expect("one")];
    let environment = environment_with(
        &format!(r#""us-east-1": {{ "ssm-parameters": [{parameters}] }}"#),
        "",
    );
    assert_eq!(
        comparisons(&[(AMI_VERSIONS, &versions), (ENVIRONMENT, &environment)]),
        0
    );
}
