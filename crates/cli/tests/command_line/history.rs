//! `history` against a stand-in: which versions of the documents it reads.

use std::fmt::Write as _;

use crate::look::configuration;
use crate::run::run;
use crate::stand_in::{Answer, Request, StandIn};

const STACK: [&str; 2] = ["--against", "goldsmith-nonprod"];

/// A page of versions: the first version of each key is new, and the page behind it begins at `next`.
fn page(versions: &[(&str, &str)], next: Option<(&str, &str)>) -> Answer {
    let mut listed = String::new();
    for (key, version) in versions {
        let _ = write!(
            listed,
            "<Version><Key>{key}</Key><VersionId>{version}</VersionId>\
             <LastModified>{}</LastModified></Version>",
            jiff::Timestamp::now()
        );
    }
    let next = next.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |(key, version)| {
            format!(
                "<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>\
                 <NextVersionIdMarker>{version}</NextVersionIdMarker>"
            )
        },
    );
    xml("ListVersionsResult", &format!("{next}{listed}"))
}

fn xml(name: &str, content: &str) -> Answer {
    (200, Vec::new(), format!("<{name}>{content}</{name}>"))
}

/// A stack without reports, whose documents have the versions that `versions` lists by the query.
fn stack(versions: impl Fn(&str) -> Answer + Send + 'static) -> StandIn {
    StandIn::new(move |request: &Request| {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path.ends_with("/configuration") {
            return (200, Vec::new(), configuration().to_string());
        }
        match query {
            query if query.contains("list-type=2") => {
                xml("ListBucketResult", "<IsTruncated>false</IsTruncated>")
            }
            query if query.starts_with("versions") => versions(query),
            _ => (200, Vec::new(), String::new()),
        }
    })
}

fn queries(stand_in: &StandIn) -> Vec<String> {
    let requests = stand_in.requests().into_iter();
    let queries = requests.filter_map(|one| Some(one.path.split_once('?')?.1.to_owned()));
    queries
        .filter(|query| query.starts_with("versions"))
        .collect()
}

#[test]
fn history_reads_the_versions_behind_the_first_page() {
    let stand_in = stack(|query| {
        if query.contains("key-marker=a") {
            page(&[("b.json", "v-b")], None)
        } else {
            page(&[("a.json", "v-a2")], Some(("a.json", "v-a2")))
        }
    });
    let outcome = run(&["history", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        outcome.code == 0 && outcome.out.contains("b.json") && outcome.out.contains("a.json"),
        "{outcome:?}"
    );
    let queries = queries(&stand_in);
    assert!(
        queries.len() == 2 && queries[1].contains("version-id-marker=v-a2"),
        "{queries:?}"
    );
}

#[test]
fn history_passes_over_old_versions_of_a_document() {
    let stand_in = stack(|query| {
        if query.contains("key-marker=a") {
            page(&[("b.json", "v-b")], None)
        } else {
            page(&[("a.json", "v-a2")], Some(("a.json", "v-a2")))
        }
    });
    let one = ["history", STACK[0], STACK[1], "--limit", "1"];
    let outcome = run(&one, &stand_in.url);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let queries = queries(&stand_in);
    assert!(
        queries.len() == 2 && !queries[1].contains("version-id-marker"),
        "{queries:?}"
    );
}

#[test]
fn history_says_that_there_are_more_versions_than_it_reads() {
    let stand_in = stack(|_| page(&[("a.json", "v")], Some(("a.json", "v"))));
    let outcome = run(&["history", STACK[0], STACK[1]], &stand_in.url);
    assert!(
        outcome.code == 0 && outcome.err.contains("uploads may be missing"),
        "{outcome:?}"
    );
    assert_eq!(queries(&stand_in).len(), 20);
}
