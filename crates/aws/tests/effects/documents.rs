//! Documents: what is there now, what stays in force when that is wrong, and how much is read of it.

use std::collections::BTreeSet;

use goldsmith_aws::documents::{Documents, MOST_STEPS, current, desired_in_force, in_force, with};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::digest::of_bytes;
use goldsmith_domain::document::Parsed;

use crate::support::cloud::OUTPUT;
use crate::support::documents::{AMI_VERSIONS, ENVIRONMENT};
use crate::support::{World, documents, run};

const KEY: &str = "ami-versions.json";

async fn read(world: &World) -> Documents {
    current(&world.aws()).await.expect("the documents")
}

/// Everything that parses may be acted upon.
fn none_refused(_: &Desired) -> BTreeSet<String> {
    BTreeSet::new()
}

/// The version of `ami-versions.json` that is in force.
async fn version_in_force(world: &World) -> Option<String> {
    let aws = world.aws();
    let documents = current(&aws).await.expect("the documents");
    let found = in_force(&aws, &documents, none_refused)
        .await
        .expect("the versions");
    found.map(|(_, mut versions)| versions.remove(KEY).expect("its version"))
}

/// Everything but `ami-versions.json`.
fn without_versions() -> World {
    let world = World::new();
    for (key, content) in documents::all() {
        if key != KEY {
            world.cloud.upload(key, content);
        }
    }
    world
}

#[tokio::test]
async fn good_documents_are_in_force_as_they_are() {
    let world = without_versions();
    world
        .cloud
        .upload(KEY, AMI_VERSIONS.replace("110302", "110301"));
    let newest = world.cloud.upload(KEY, AMI_VERSIONS);
    let documents = read(&world).await;
    assert!(
        matches!(documents.parsed, Parsed::Desired(_)),
        "{:?}",
        documents.parsed
    );
    assert_eq!(documents.versions()[KEY], newest);
    world.cloud.clear_calls();
    assert_eq!(version_in_force(&world).await, Some(newest));
    let reads = ["s3:GetObject", "s3:ListObjectsV2"];
    assert!(
        world
            .cloud
            .calls()
            .iter()
            .all(|call| reads.contains(&call.as_str())),
        "nothing had to be looked for"
    );
}

#[tokio::test]
async fn bad_versions_and_delete_markers_are_walked_back_over() {
    let world = without_versions();
    world
        .cloud
        .upload(KEY, AMI_VERSIONS.replace("110302", "110301"));
    let good = world.cloud.upload(KEY, AMI_VERSIONS);
    world.cloud.upload(KEY, "{");
    world.cloud.delete(KEY);
    world.cloud.upload(KEY, "not JSON");
    assert!(matches!(read(&world).await.parsed, Parsed::Rejected(_)));
    assert_eq!(version_in_force(&world).await.as_ref(), Some(&good));

    world.cloud.delete(KEY);
    assert!(matches!(read(&world).await.parsed, Parsed::Absent(keys) if keys == [KEY]));
    assert_eq!(version_in_force(&world).await, Some(good));
}

#[tokio::test]
async fn a_version_that_is_refused_though_it_parsed_is_walked_back_over() {
    let world = without_versions();
    let good = world.cloud.upload(KEY, AMI_VERSIONS);
    world
        .cloud
        .upload(KEY, AMI_VERSIONS.replace("110302", "110301"));
    let refused = |desired: &Desired| {
        let unknown = desired
            .recipes
            .iter()
            .any(|entry| entry.name.as_str() == "110301");
        unknown.then(|| KEY.to_owned()).into_iter().collect()
    };
    let aws = world.aws();
    let found = in_force(&aws, &read(&world).await, refused)
        .await
        .expect("the versions");
    assert_eq!(found.map(|(_, versions)| versions[KEY].clone()), Some(good));
}

#[tokio::test]
async fn the_search_ends_with_an_error_and_not_with_nothing() {
    let world = without_versions();
    world.cloud.upload(KEY, AMI_VERSIONS);
    for _ in 0..=MOST_STEPS {
        world.cloud.upload(KEY, "{");
    }
    let aws = world.aws();
    let error = in_force(&aws, &read(&world).await, none_refused)
        .await
        .expect_err("too far back");
    assert!(error.to_string().contains("can be acted upon"), "{error}");
}

#[tokio::test]
async fn two_documents_are_walked_back_on_their_own() {
    let world = World::new();
    world
        .cloud
        .upload("components/harden.yml", documents::HARDEN);
    let environment = world.cloud.upload("environment.json", ENVIRONMENT);
    let versions = world.cloud.upload(KEY, AMI_VERSIONS);
    world.cloud.upload("environment.json", "[]");
    world.cloud.delete(KEY);
    let aws = world.aws();
    let (desired, found) = in_force(&aws, &read(&world).await, none_refused)
        .await
        .expect("the versions")
        .expect("good documents");
    assert_eq!(
        (&found["environment.json"], &found[KEY]),
        (&environment, &versions)
    );
    assert_eq!(desired.recipes.len(), 2);
}

#[tokio::test]
async fn a_key_that_only_begins_alike_is_another_document() {
    let world = without_versions();
    world.cloud.upload("ami-versions.json.bak", AMI_VERSIONS);
    world.cloud.upload(KEY, "{");
    assert_eq!(version_in_force(&world).await, None);
}

#[tokio::test]
async fn documents_that_never_were_good_are_not_in_force() {
    let world = without_versions();
    for content in ["{", "[]", "nothing"] {
        world.cloud.upload(KEY, content);
    }
    assert_eq!(version_in_force(&world).await, None);
    assert_eq!(
        version_in_force(&World::new()).await,
        None,
        "an empty bucket"
    );
}

#[tokio::test]
async fn a_large_document_is_not_read_to_its_end() {
    const LARGE: u64 = 100 * 1024 * 1024;
    // What `parse` takes at most, and a chunk or two that are under way by then.
    const READ_AT_MOST: u64 = 3 * 1024 * 1024;
    let world = without_versions();
    let good = world.cloud.upload(KEY, AMI_VERSIONS);
    world.cloud.upload_large(KEY, LARGE);

    let documents = read(&world).await;
    let file = documents
        .files
        .iter()
        .find(|file| file.key == KEY)
        .expect("the file");
    assert!(
        (file.bytes.len() as u64) < READ_AT_MOST,
        "{} bytes are held",
        file.bytes.len()
    );
    assert_eq!(file.size, LARGE);
    assert!(matches!(documents.parsed, Parsed::Rejected(_)));
    let read = world.cloud.bytes_read();
    assert!(read > 0 && read < READ_AT_MOST, "{read} bytes were read");
    assert_eq!(version_in_force(&world).await, Some(good));
}

#[tokio::test]
async fn given_documents_take_the_place_of_the_buckets_for_a_look() {
    let world = without_versions();
    world.cloud.upload(KEY, "{ bad");
    world
        .cloud
        .upload("components/more.yml", "what nobody names yet");
    let wanted = ENVIRONMENT.replace("\"components/harden.yml\"", "\"components/more.yml\"");
    let given = [
        (KEY.to_owned(), AMI_VERSIONS.to_owned()),
        ("environment.json".to_owned(), wanted),
        (
            "components/more.yml".to_owned(),
            documents::HARDEN.to_owned(),
        ),
        (
            "components/new.yml".to_owned(),
            documents::HARDEN.to_owned(),
        ),
    ];
    let looked = with(&world.aws(), &given.into())
        .await
        .expect("the documents");

    let Parsed::Desired(desired) = &looked.parsed else {
        panic!("{:?}", looked.parsed)
    };
    assert_eq!(desired.recipes.len(), 2);
    let named: Vec<_> = looked.etags.keys().map(String::as_str).collect();
    let standing = [
        "ami-versions.json",
        "components/harden.yml",
        "components/more.yml",
        "environment.json",
    ];
    assert_eq!(
        named, standing,
        "every object that an upload of these would replace, and no new one"
    );
    let now = read(&world).await;
    assert!(
        matches!(now.parsed, Parsed::Rejected(_)),
        "the bucket is as it was"
    );
    assert_eq!(now.etags[KEY], looked.etags[KEY]);
}

const WORKLOADS: &str = r#"{ "product": { "account_id": "444444444444" } }"#;

fn has_workload(documents: &Documents) -> bool {
    match &documents.parsed {
        Parsed::Desired(desired) => desired
            .consumers
            .accounts
            .iter()
            .any(|account| account.id.as_str() == "444444444444"),
        Parsed::Absent(_) | Parsed::Rejected(_) => panic!("{:?}", documents.parsed),
    }
}

#[tokio::test]
async fn workload_accounts_are_found_under_each_of_their_names() {
    for name in [
        "workload_accounts",
        "workload-accounts",
        "amis/workload_accounts",
        "amis/workload-accounts",
    ] {
        let world = World::with_documents();
        world
            .cloud
            .upload(&format!("{name}.us-east-1.json"), WORKLOADS);
        assert!(has_workload(&read(&world).await), "{name}");
        world.cloud.delete(&format!("{name}.us-east-1.json"));
        assert!(!has_workload(&read(&world).await), "{name} was deleted");
    }
}

#[tokio::test]
async fn workload_accounts_under_two_names_are_a_problem_that_names_both() {
    let world = World::with_documents();
    world
        .cloud
        .upload("amis/workload_accounts.us-east-1.json", WORKLOADS);
    world
        .cloud
        .upload("workload_accounts.us-east-1.json", WORKLOADS);
    let Parsed::Rejected(problems) = read(&world).await.parsed else {
        panic!("accepted")
    };
    let problem = problems.first()[0].to_string();
    assert!(
        problem.contains("amis/workload_accounts.us-east-1.json"),
        "{problem}"
    );
    assert!(
        problem.contains("`workload_accounts.us-east-1.json`"),
        "{problem}"
    );
}

#[tokio::test]
async fn in_a_bucket_of_more_than_a_page_each_document_is_asked_for() {
    let world = World::with_documents();
    world
        .cloud
        .upload("workload-accounts.us-east-1.json", WORKLOADS);
    for number in 0..1000 {
        world.cloud.upload(&format!("a/{number}"), "");
    }
    assert!(has_workload(&read(&world).await));
}

#[tokio::test]
async fn a_pause_lasts_while_what_came_after_it_is_wrong() {
    let world = World::with_documents();
    let is_paused = async || {
        let standing = desired_in_force(&world.aws()).await.expect("the documents");
        standing.is_some_and(|desired| desired.pause)
    };
    assert!(!is_paused().await);
    let pausing = ENVIRONMENT.replace("\"tags\"", "\"pause\": true, \"tags\"");
    world.cloud.upload("environment.json", pausing);
    assert!(is_paused().await);
    world.cloud.upload("environment.json", "{");
    assert!(is_paused().await, "nobody has ended it");
    world.cloud.upload("environment.json", ENVIRONMENT);
    assert!(!is_paused().await);
    assert!(
        desired_in_force(&World::new().aws())
            .await
            .expect("no documents")
            .is_none()
    );
}

/// The service takes 16,000 characters inline, and 64 KB from S3 (API reference, `CreateComponent`).
#[tokio::test]
async fn a_document_is_given_inline_or_by_its_place() {
    for (characters, inline) in [(16_000, true), (16_001, false)] {
        let rest = characters - documents::HARDEN.chars().count() - 3;
        let long = format!("{}# {}\n", documents::HARDEN, "ü".repeat(rest));
        assert_eq!(long.chars().count(), characters);
        let world = World::with_documents();
        world.cloud.upload("components/harden.yml", long.clone());
        let _ = run::reconcile(&world.aws()).await;
        let calls = world.emulator.calls();
        let made = calls
            .iter()
            .find(|call| call.operation == "CreateComponent")
            .expect("a component");
        let place = format!("components/{}.yml", of_bytes(long.as_bytes()));
        let stored = world.cloud.output().remove(&place);
        if inline {
            assert_eq!(made.parameters["data"], long);
            assert!(stored.is_none());
        } else {
            assert_eq!(made.parameters["uri"], format!("s3://{OUTPUT}/{place}"));
            assert_eq!(stored.map(|object| object.content), Some(long));
        }
    }
}
