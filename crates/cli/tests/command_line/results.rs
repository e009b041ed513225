//! `results`, from files and from a stand-in of a stack, and `check` over waivers.

use std::path::Path;

use serde_json::{Value, json};

use crate::look::configuration;
use crate::run::{Outcome, changed, goldsmith, run, sample};
use crate::stand_in::{Answer, Request, StandIn};

const ARN: &str = "arn:aws:imagebuilder:us-east-1:111122223333";
const AMI: &str = "ami-0123456789abcdef0";

fn results(result: &str) -> String {
    let control = json!({ "id": "xccdf_org.ssgproject.content_rule_a", "severity": "high", "result": result,
        "title": "A rule", "aliases": "RHEL-07-010500" });
    json!({ "goldsmith-results": 1, "tool": "OpenSCAP", "profile": "xccdf_org.ssgproject.content_profile_stig",
        "controls": [control] })
    .to_string()
}

/// A folder with one suite.
fn folder(content: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("openscap")).expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join("openscap").join(name), text);
    write("results.json", content).expect("a file");
    write("report.html", "<html>").expect("a file");
    folder
}

fn read(folder: &Path, format: &str) -> Outcome {
    let folder = folder.display().to_string();
    goldsmith(&["results", "--files", &folder, "--format", format])
}

#[test]
fn files_are_shown_in_each_format_without_a_network() {
    let good = folder(&results("pass"));
    let text = read(good.path(), "text");
    assert_eq!(text.code, 0, "{text:?}");
    assert!(
        text.out
            .ends_with("\n0 failed, 0 waived, 0 skipped, 1 passed\n"),
        "{text:?}"
    );
    let json: Value = serde_json::from_str(&read(good.path(), "json").out).expect("JSON");
    assert_eq!(json["suites"][0]["suite"], "openscap");
    assert!(read(good.path(), "junit").out.contains("<testsuites>"));
    assert!(
        read(good.path(), "html")
            .out
            .contains("<tr class=\"passed\">")
    );
}

#[test]
fn what_cannot_be_read_ends_with_3_and_no_folder_with_1() {
    let bad = read(folder("{").path(), "text");
    assert_eq!(bad.code, 3, "{bad:?}");
    assert!(
        bad.out
            .contains("cannot be read: openscap/results.json:1:1: found EOF"),
        "{bad:?}"
    );
    let none = read(Path::new("/nowhere/at/all"), "text");
    assert_eq!(none.code, 1, "{none:?}");
    assert!(
        none.err.contains("error: /nowhere/at/all cannot be read"),
        "{none:?}"
    );
    let empty = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(empty.path().join("my suite")).expect("a folder");
    let nothing = read(empty.path(), "junit");
    assert_eq!((nothing.code, nothing.out.as_str()), (1, ""), "{nothing:?}");
    assert!(nothing.err.contains("has no results"), "{nothing:?}");
    let both = goldsmith(&["results"]);
    assert_eq!(both.code, 1, "{both:?}");
}

fn listing(keys: &[&str]) -> Answer {
    let contents = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key></Contents>"));
    let contents: String = contents.collect();
    let xml =
        format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    (200, Vec::new(), xml)
}

fn found(text: impl Into<String>) -> Answer {
    (200, vec![("etag", "\"1\"".to_owned())], text.into())
}

/// What S3 answers: documents that accept no failed control of severity high, and `poam` beside them.
fn storage(path: &str, query: &str, poam: Option<&str>) -> Answer {
    let key = path.trim_start_matches('/');
    let text = |name: &str| std::fs::read_to_string(sample().join(name)).expect("a sample");
    let prefix = format!("results/{AMI}/");
    match key {
        "output" | "output/" => listing(&[
            &format!("{prefix}openscap/results.json"),
            &format!("{prefix}openscap/xccdf.xml"),
        ]),
        "documents" | "documents/" if query.contains("prefix=audit") => {
            let keys: Vec<&str> = poam.iter().map(|_| "audit/poam.yml").collect();
            listing(&keys)
        }
        "documents" | "documents/" if query.contains("prefix=") => listing(&[]),
        "documents" | "documents/" => listing(&[
            "environment.json",
            "ami-versions.json",
            "components/harden.yml",
        ]),
        "documents/audit/poam.yml" => found(poam.unwrap_or_default()),
        "documents/environment.json" => {
            let gates = r#""family": "mstr", "gates": { "failed-controls": { "high": 0 } }"#;
            found(text("environment.json").replace(r#""family": "mstr""#, gates))
        }
        _ if key.starts_with("output/") => found(results("fail")),
        _ => found(text(key.strip_prefix("documents/").expect("a document"))),
    }
}

/// A stack whose newest build failed, so that only EC2 knows its AMI.
fn stack(poam: Option<&'static str>) -> StandIn {
    StandIn::new(move |request: &Request| {
        let json = |value: Value| (200, Vec::new(), value.to_string());
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match path {
            "/2015-03-31/functions/goldsmith-nonprod-reconcile/configuration" => {
                json(configuration())
            }
            "/ListImagePipelines" => json(json!({ "imagePipelineList": [{
                "arn": format!("{ARN}:image-pipeline/mstr-nonprod-110304"), "name": "mstr-nonprod-110304",
                "imageRecipeArn": format!("{ARN}:image-recipe/mstr-nonprod-110304/1.0.0"), "status": "ENABLED",
                "tags": { "goldsmith:environment": "nonprod", "goldsmith:recipename": "110304" } }] })),
            "/ListImageBuildVersions" => json(json!({ "imageSummaryList": [{
                "arn": format!("{ARN}:image/mstr-nonprod-110304/1.0.0/2"), "name": "mstr-nonprod-110304",
                "state": { "status": "FAILED" }, "dateCreated": "2026-01-01T10:00:00Z" }] })),
            "/" => (
                200,
                Vec::new(),
                format!(
                    "<DescribeImagesResponse><imagesSet><item><imageId>{AMI}</imageId></item></imagesSet></DescribeImagesResponse>"
                ),
            ),
            path => storage(path, query, poam),
        }
    })
}

fn of_stack(poam: Option<&'static str>, further: &[&str]) -> (Outcome, StandIn) {
    let stack = stack(poam);
    let arguments = ["results", "110304", "--against", "goldsmith-nonprod"];
    let outcome = run(&[&arguments[..], further].concat(), &stack.url);
    (outcome, stack)
}

const POAM: &str = "\
- profile: stig
  rules:
    RHEL-07-010500: { reason: no such service, approved_by: joe, expires: 2199-12-31 }
    RHEL-07-010501: { reason: misspelt, approved_by: joe, expires: 2199-12-31 }
";

#[test]
fn a_failed_control_is_compared_with_the_limits_of_the_documents_unless_it_is_waived() {
    let (failed, stand_in) = of_stack(None, &[]);
    assert_eq!(failed.code, 3, "{failed:?}");
    for line in [
        "results of 110304 1.0.0/2\n",
        "  AMI: ami-0123456789abcdef0\n",
        "  failed (high) xccdf_org.ssgproject.content_rule_a: A rule\n",
        "1 failed (1 high), 0 waived, 0 skipped, 0 passed\n",
        "does not pass: failed controls of severity high: 1, and `gates` accepts 0\n",
    ] {
        assert!(failed.out.contains(line), "{line} {failed:?}");
    }
    let asked = stand_in.requests();
    assert!(
        asked
            .iter()
            .any(|request| request.body.contains("tag%3AEc2ImageBuilderArn"))
    );
    assert!(
        asked
            .iter()
            .all(|request| !request.path.contains("xccdf.xml")),
        "raw files are not read"
    );
    let (waived, _) = of_stack(Some(POAM), &[]);
    assert_eq!(waived.code, 0, "{waived:?}");
    assert!(waived.out.contains("  waived (high) xccdf_org.ssgproject.content_rule_a: A rule\n    waived until 2199-12-31 (joe): no such service\n"), "{waived:?}");
    assert!(
        waived
            .out
            .ends_with("waiver without a control: RHEL-07-010501 of stig (audit/poam.yml)\n"),
        "{waived:?}"
    );
}

#[test]
fn a_waivers_document_with_a_problem_waives_nothing_and_is_named() {
    let (outcome, _) = of_stack(
        Some("- profile: stig\n  rules: { r: { reason: x } }\n"),
        &[],
    );
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(
        outcome
            .out
            .contains("cannot be read: audit/poam.yml:2:15: found an object without `approved_by`"),
        "{outcome:?}"
    );
}

#[test]
fn an_image_of_another_recipe_is_refused() {
    let other = format!("{ARN}:image/mstr-nonprod-110302/1.0.0/1");
    let (outcome, _) = of_stack(None, &["--image", &other]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome
            .err
            .contains(&format!("error: the recipe has no image {other}")),
        "{outcome:?}"
    );
}

#[test]
fn check_reads_the_waivers_of_the_environment_and_of_recipes() {
    let folder = changed("environment.json", "mstr", "mstr");
    let write = |below: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join(below)).expect("a folder");
        std::fs::write(folder.path().join(below).join("poam.yml"), text).expect("a file");
    };
    let check = || goldsmith(&["check", &folder.path().display().to_string()]);
    write(
        "audit",
        "- profile: stig\n  rules: { r: { reason: x, approved_by: y, expires: 2020-01-01 } }\n",
    );
    let ended = check();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended
            .out
            .contains("audit/poam.yml:2:12: the waiver of r ended on 2020-01-01"),
        "{ended:?}"
    );
    write(
        "110304/audit",
        "- profile: stig\n  rules: { r: { reason: x, expires: 15.07.2026, approved_by: y } }\n",
    );
    let wrong = check();
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(
        wrong.out.contains(
            "110304/audit/poam.yml:2:37: found 15.07.2026, expected a date such as 2019-07-15"
        ),
        "{wrong:?}"
    );
}
