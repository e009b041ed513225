//! Consumers: what holds for any list of them, and how many there may be.

#![expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, but the samples are files"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use goldsmith_domain::consumers::{Account, Consumers, Roles};
use goldsmith_domain::document::{AMI_VERSIONS, DocumentFile, ENVIRONMENT, Parsed, parse};
use goldsmith_domain::names::Region;
use goldsmith_domain::problem::Problem;
use insta::assert_snapshot;
use proptest::collection::{btree_map, btree_set};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const HARDEN: &str = "components/harden.yml";
const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "us-west-2"];

fn file(key: &str, text: String) -> DocumentFile {
    DocumentFile {
        key: key.into(),
        version_id: "1".into(),
        size: text.len() as u64,
        bytes: text.into(),
    }
}

fn sample(key: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ami-versions/nonprod");
    fs::read_to_string(root.join(key)).expect("a sample")
}

/// The sample in three Regions, with these consumers, and with these workload accounts by Region.
fn documents(
    consumers: &Value,
    mode: Option<&str>,
    workloads: &BTreeMap<&str, Value>,
) -> Vec<DocumentFile> {
    let mut environment: Value = serde_json::from_str(&sample(ENVIRONMENT)).expect("JSON");
    environment["regions"] = REGIONS
        .map(|region| (region.to_owned(), json!({})))
        .into_iter()
        .collect();
    environment["consumers"] = consumers.clone();
    if let Some(mode) = mode {
        environment["workload-accounts"] = mode.into();
    }
    let mut files = vec![file(ENVIRONMENT, environment.to_string())];
    files.extend([AMI_VERSIONS, HARDEN].map(|key| file(key, sample(key))));
    let key = |region: &str| format!("workload_accounts.{region}.json");
    files.extend(
        workloads
            .iter()
            .map(|(region, accounts)| file(&key(region), accounts.to_string())),
    );
    files
}

/// The problems, each with the value that it is about.
fn problems(files: &[DocumentFile]) -> String {
    let Parsed::Rejected(problems) = parse(files) else {
        panic!("{:?}", parse(files))
    };
    let told = problems.first().iter().map(|problem| {
        let Problem {
            file,
            pointer,
            found,
            expected,
            hint,
            ..
        } = problem;
        let hint = hint
            .as_ref()
            .map_or(String::new(), |hint| format!("\n  hint: {hint}"));
        format!("{file}{pointer}: found {found}, expected {expected}{hint}")
    });
    told.collect::<Vec<_>>().join("\n")
}

fn consumers(files: &[DocumentFile]) -> Consumers {
    match parse(files) {
        Parsed::Desired(desired) => desired.consumers,
        Parsed::Absent(_) | Parsed::Rejected(_) => panic!("{}", problems(files)),
    }
}

fn account(number: usize) -> String {
    format!("{number:012}")
}

/// What an entry of the list says beside its account.
#[derive(Debug, Clone)]
struct Listed {
    any: bool,
    regions: Option<BTreeSet<&'static str>>,
    copy: Option<bool>,
}

fn word(copy: bool) -> &'static str {
    if copy { "copy" } else { "share" }
}

fn role_of(id: &str) -> String {
    format!("arn:aws:iam::{id}:role/launch")
}

impl Listed {
    fn json(&self, id: &str) -> Value {
        let roles = if self.any {
            json!("any")
        } else {
            json!([role_of(id)])
        };
        let mut entry = json!({ "account-id": id, "roles": roles });
        if let Some(regions) = &self.regions {
            entry["regions"] = regions.iter().copied().collect();
        }
        if let Some(copy) = self.copy {
            entry["serve"] = word(copy).into();
        }
        entry
    }
}

fn any_regions() -> impl Strategy<Value = BTreeSet<&'static str>> {
    btree_set(select(&REGIONS[..]), 1..=3)
}

fn any_listed() -> impl Strategy<Value = Listed> {
    (
        any::<bool>(),
        option::of(any_regions()),
        option::of(any::<bool>()),
    )
        .prop_map(|(any, regions, copy)| Listed { any, regions, copy })
}

/// How an account of these documents is served, told from what the schema promises.
fn expected(
    id: &str,
    listed: Option<&Listed>,
    workload: Option<&BTreeSet<&str>>,
    copies: bool,
) -> String {
    let own: BTreeSet<&str> = match listed {
        Some(Listed {
            regions: Some(regions),
            ..
        }) => regions.clone(),
        Some(Listed { regions: None, .. }) => REGIONS.into(),
        None => BTreeSet::new(),
    };
    let regions: BTreeSet<&str> = own
        .iter()
        .chain(workload.into_iter().flatten())
        .copied()
        .collect();
    let said = listed.and_then(|listed| listed.copy);
    let copy = said.unwrap_or(workload.is_some() && copies);
    let any = listed.is_none_or(|listed| listed.any);
    let roles = if any { "any".to_owned() } else { role_of(id) };
    format!("{id} {} {:?} {roles}", word(copy), Vec::from_iter(regions))
}

fn told(account: &Account) -> String {
    let roles = match &account.roles {
        Roles::Any => "any".to_owned(),
        Roles::Named(roles) => roles
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
    };
    let regions: Vec<&str> = account.regions.iter().map(Region::as_str).collect();
    format!(
        "{} {} {regions:?} {roles}",
        account.id,
        account.serve.as_str()
    )
}

/// The workload accounts of a Region, under names of their own.
fn workload_document(workloads: &BTreeMap<usize, BTreeSet<&str>>, region: &str) -> Value {
    let here = workloads
        .iter()
        .filter(|(_, regions)| regions.contains(region));
    Value::Object(
        here.map(|(n, _)| (format!("w{n}"), json!({ "account_id": account(*n) })))
            .collect(),
    )
}

proptest! {
    /// So few accounts that many are both listed and workload accounts.
    #[test]
    fn each_consumer_is_served_once_as_the_documents_say(
        listed in btree_map(1_usize..8, any_listed(), 0..6),
        workloads in btree_map(1_usize..8, any_regions(), 0..6),
        mode in option::of(any::<bool>()),
    ) {
        let entries: Value = listed.iter().map(|(number, one)| one.json(&account(*number))).collect();
        let by_region = REGIONS.map(|region| (region, workload_document(&workloads, region))).into();
        let files = documents(&entries, mode.map(word), &by_region);
        let copies = mode.unwrap_or(true);
        let clashes = listed.iter().filter(|(number, one)| {
            workloads.contains_key(number) && one.copy.is_some_and(|copy| copy != copies)
        });
        match clashes.count() {
            0 => {
                let all: BTreeSet<usize> = listed.keys().chain(workloads.keys()).copied().collect();
                let expected = all.iter().map(|n| expected(&account(*n), listed.get(n), workloads.get(n), copies));
                let served: Vec<String> = consumers(&files).accounts.iter().map(told).collect();
                prop_assert_eq!(served, expected.collect::<Vec<_>>());
            }
            clashes => {
                let told = problems(&files);
                prop_assert_eq!(told.matches("the mode of all workload accounts").count(), clashes, "{}", told);
            }
        }
    }
}

fn many(count: usize, further: &Value) -> Value {
    let one = |number| {
        let mut entry = json!({ "account-id": account(number), "roles": "any" });
        if let (Value::Object(entry), Value::Object(further)) = (&mut entry, further) {
            entry.extend(further.clone());
        }
        entry
    };
    (1..=count).map(one).collect()
}

#[test]
fn accounts_that_share_are_at_most_1536_in_a_region() {
    let here = json!({ "regions": ["us-east-1"] });
    let most = documents(&many(1536, &here), None, &BTreeMap::new());
    assert_eq!(consumers(&most).accounts.len(), 1536);
    let beyond = documents(&many(1537, &here), None, &BTreeMap::new());
    assert_snapshot!(problems(&beyond), @"
    environment.json/consumers/1536/account-id: found 1537 accounts that share AMIs in us-east-1, expected at most 1536, Image Builder's limit for a Region
      hint: use `organization` or `organizational-unit` to share with all of its accounts at once
    ");
    let everywhere = documents(&many(1537, &json!({})), None, &BTreeMap::new());
    assert_eq!(
        problems(&everywhere)
            .lines()
            .filter(|line| !line.starts_with("  hint"))
            .count(),
        1
    );
}

#[test]
fn accounts_with_copies_are_counted_by_themselves_and_with_the_workload_accounts() {
    let half: Value = (1..=1536)
        .map(|n| (format!("w{n}"), json!({ "account_id": account(9_000 + n) })))
        .collect();
    let workloads = BTreeMap::from([("us-east-1", half)]);
    let sharing = documents(&many(1536, &json!({})), None, &workloads);
    assert_eq!(consumers(&sharing).accounts.len(), 3072);
    let copying = documents(&many(1, &json!({ "serve": "copy" })), None, &workloads);
    assert_snapshot!(problems(&copying), @"
    workload_accounts.us-east-1.json/w1536/account_id: found 1537 accounts with copies in us-east-1, expected at most 1536, Image Builder's limit for a Region
      hint: use `organization` or `organizational-unit` to share with all of its accounts at once
    ");
}

/// Whether the account is a workload account, and thus how it is served, cannot be told.
#[test]
fn a_workload_document_with_a_problem_says_nothing_about_keys() {
    let keys = json!({ "us-east-1": "arn:aws:kms:us-east-1:000000000001:key/11111111-2222-4333-8444-000000000001" });
    let entries = many(1, &json!({ "kms-keys": keys }));
    let workloads =
        BTreeMap::from([("us-east-1", json!({ "product": { "account": account(1) } }))]);
    assert_snapshot!(problems(&documents(&entries, None, &workloads)), @"workload_accounts.us-east-1.json/product: found an object without `account_id`, expected the key `account_id`");
    assert_snapshot!(problems(&documents(&entries, None, &BTreeMap::new())), @r#"
    environment.json/consumers/0/kms-keys: found kms-keys, expected no `kms-keys` for an account that shares our AMI: our key encrypts it
      hint: with `"serve": "copy"`, the account gets its own AMIs, encrypted under its keys
    "#);
}
