//! The output bucket's policy: who reads what is published.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_domain::bucket_policy::{BucketPolicy, BucketPolicyError, LARGEST_POLICY, Readers};
use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode, Organization, Roles};
use goldsmith_domain::stack::StackContext;
use insta::assert_snapshot;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// The statement that the stack's template gives the bucket, oddly spaced.
const TLS: &str = r#"{ "Sid":"RefusePlainHttp", "Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::goldsmith-nonprod-output-111122223333-us-east-1",
  "arn:aws:s3:::goldsmith-nonprod-output-111122223333-us-east-1/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
const OBJECTS: &str = "arn:aws:s3:::goldsmith-nonprod-output-111122223333-us-east-1/images/*";

fn policy(statements: &[&str]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn stack() -> StackContext {
    StackContext {
        environment: "nonprod".parse().expect("an environment"),
        account: "111122223333".parse().expect("an account"),
        region: "us-east-1".parse().expect("a Region"),
        key: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234"
            .parse()
            .expect("a key"),
        instance_profile: "goldsmith-nonprod".to_owned(),
        instance_roles: None,
        parameter_prefix: goldsmith_domain::names::ParameterPrefix::default(),
        output_bucket: "output".to_owned(),
    }
}

fn readers(accounts: &[&str], organizations: &[&str]) -> Readers {
    Readers {
        accounts: accounts
            .iter()
            .map(|account| account.parse().expect("an account"))
            .collect(),
        organizations: organizations
            .iter()
            .map(|path| (*path).to_owned())
            .collect(),
        objects: OBJECTS.to_owned(),
    }
}

fn read(text: &str) -> BucketPolicy<'_> {
    BucketPolicy::parse(text).expect("a policy")
}

/// The policy after `with`, whether it had to change or not.
fn bring(text: &str, readers: &Readers) -> String {
    read(text)
        .with(readers)
        .expect("it can be written")
        .unwrap_or_else(|| text.to_owned())
}

fn statements(policy: &str) -> Vec<Value> {
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    policy["Statement"].as_array().expect("statements").clone()
}

#[test]
fn the_readers_of_a_policy_are_read_back_exactly() {
    let wanted = readers(&["222222222222", "333333333333"], &["o-aaaaaaaaaa/*"]);
    assert_eq!(read(&bring(&policy(&[TLS]), &wanted)).readers(), wanted);
    assert_eq!(read(&policy(&[TLS])).readers(), Readers::default());
    let by_hand = r#"{"Sid":"GoldsmithConsumersRead","Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let found = read(&policy(&[by_hand])).readers();
    assert_eq!(
        (found.accounts.len(), found.objects.as_str()),
        (1, "arn:aws:s3:::b/*")
    );
}

#[test]
fn every_consumer_but_the_building_account_reads() {
    let account = |id: &str| Account {
        id: id.parse().expect("an account"),
        roles: Roles::Any,
        regions: ["eu-west-1".parse().expect("a Region")].into(),
        serve: DeliveryMode::Copy,
        keys: BTreeMap::new(),
        grant_admin: None,
        parameter_role: None,
        rebuild: None,
        places: BTreeMap::new(),
    };
    let organization = Organization {
        arn: "arn:aws:organizations::111122223333:organization/o-aaaaaaaaaa"
            .parse()
            .expect("an ARN"),
        path: "o-aaaaaaaaaa/*".parse().expect("a path"),
        regions: BTreeSet::new(),
    };
    let accounts = vec![account("111122223333"), account("222222222222")];
    let consumers = Consumers {
        accounts,
        organizations: vec![organization],
    };
    assert_eq!(
        Readers::of(&consumers, &stack()),
        readers(&["222222222222"], &["o-aaaaaaaaaa/*"])
    );
}

#[test]
fn accounts_get_access_through_their_roots() {
    let after = bring(
        &policy(&[TLS]),
        &readers(&["222222222222", "333333333333"], &[]),
    );
    let expected = json!({
        "Sid": "GoldsmithConsumersRead", "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]},
        "Action": "s3:GetObject", "Resource": OBJECTS
    });
    assert!(after.contains(TLS), "{after}");
    assert_eq!(statements(&after)[1..], [expected]);
}

/// A value with a wildcard leaves a policy public, and the bucket blocks those (S3 user guide).
#[test]
fn organizations_get_access_by_their_paths_and_ids() {
    let paths = [
        "o-aaaaaaaaaa/*",
        "o-aaaaaaaaaa/r-1111/ou-1111-11111111/*",
        "o-bbbbbbbbbb/*",
    ];
    let after = bring("", &readers(&[], &paths));
    let expected = json!({
        "Sid": "GoldsmithOrganizationsRead", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "s3:GetObject", "Resource": OBJECTS,
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ["o-aaaaaaaaaa", "o-bbbbbbbbbb"]},
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}
        }
    });
    assert_eq!(statements(&after), [expected]);
    assert!(after.starts_with(r#"{"Version":"2012-10-17","#), "{after}");
}

#[test]
fn a_bucket_without_a_policy_that_needs_none_is_left_so() {
    assert_eq!(read("").with(&readers(&[], &[])), Ok(None));
}

#[test]
fn a_policy_that_says_nothing_any_more_is_an_empty_text() {
    let ours = bring("", &readers(&["222222222222"], &[]));
    assert_eq!(
        read(&ours).with(&readers(&[], &[])),
        Ok(Some(String::new()))
    );
    let both = bring(&policy(&[TLS]), &readers(&["222222222222"], &[]));
    assert_eq!(bring(&both, &readers(&[], &[])), policy(&[TLS]));
}

#[test]
fn a_policy_that_says_it_needs_no_second_write_however_s3_spells_it() {
    let readers = readers(&["222222222222"], &["o-aaaaaaaaaa/*"]);
    let after = bring(&policy(&[TLS]), &readers);
    let respelled = after
        .replace(
            r#"["arn:aws:iam::222222222222:root"]"#,
            r#""arn:aws:iam::222222222222:root""#,
        )
        .replace(r#""Principal":{"AWS":"*"}"#, r#""Principal":"*""#);
    assert_ne!(respelled, after);
    assert_eq!(read(&respelled).with(&readers), Ok(None));
}

#[test]
fn what_somebody_edited_is_replaced() {
    let readers = readers(&[], &["o-aaaaaaaaaa/*"]);
    let after = bring(&policy(&[TLS]), &readers);
    for (from, to) in [
        ("images/*", "*"),
        ("s3:GetObject", "s3:*"),
        ("PrincipalOrgPaths", "PrincipalOrgID"),
    ] {
        let edited = after.replace(from, to);
        assert_ne!(edited, after);
        assert_eq!(
            bring(&edited, &readers),
            after.replace(TLS, &TLS.replace(from, to))
        );
    }
}

#[test]
fn what_s3_would_refuse_is_refused() {
    let reader = readers(&["222222222222"], &[]);
    let refusal = |text: &str| match BucketPolicy::parse(text) {
        Ok(policy) => policy.with(&reader).expect_err("it is refused"),
        Err(error) => error,
    };
    assert_snapshot!(refusal("<xml/>"), @"the policy of the output bucket is not a policy document: expected value at line 1 column 1");
    let old =
        r#"{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"},"Action":"s3:*","Resource":"*"}"#;
    assert_snapshot!(refusal(&policy(&[old])), @r#"statement 1 (which has no Sid) of the output bucket's policy names AROAEXAMPLE, a role or user that was deleted, and S3 refuses every write while it is there; take it out, or put the ARN of what replaces it in its place: {"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLE"},"Action":"s3:*","Resource":"*"}"#);
}

#[test]
fn so_many_accounts_fit_into_20_kib() {
    let ids: Vec<String> = (0..1000u64)
        .map(|n| (200_000_000_000 + n).to_string())
        .collect();
    let first = |count: usize| {
        readers(
            &ids[..count].iter().map(String::as_str).collect::<Vec<_>>(),
            &[],
        )
    };
    let before = policy(&[TLS]);
    let Err(BucketPolicyError::TooLarge {
        bytes,
        fit,
        of: 1000,
    }) = read(&before).with(&first(1000))
    else {
        panic!("a thousand accounts fit");
    };
    assert!(bytes > LARGEST_POLICY && bring(&before, &first(fit)).len() <= LARGEST_POLICY);
    let told = read(&before)
        .with(&first(fit + 1))
        .expect_err("one too many")
        .to_string();
    assert_snapshot!(told, @"the policy of the output bucket would have 20488 bytes, and S3 takes at most 20480: 605 of the 606 accounts fit; name their organization or organizational units as consumers instead, which take one line however many accounts they have");
}

fn some_readers() -> impl Strategy<Value = Readers> {
    let accounts = subsequence(vec!["222222222222", "333333333333", "444444444444"], 0..=3);
    let organizations = subsequence(
        vec!["o-aaaaaaaaaa/*", "o-bbbbbbbbbb/r-1111/ou-1111-11111111/*"],
        0..=2,
    );
    (accounts, organizations)
        .prop_map(|(accounts, organizations)| readers(&accounts, &organizations))
}

/// Statements as they stand in a policy, the odd one with a Sid of ours.
fn some_statements() -> impl Strategy<Value = Vec<(bool, &'static str)>> {
    let all = vec![
        (true, TLS),
        (
            true,
            r#"{"Sid":"goldsmithconsumersread" ,"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::x"}"#,
        ),
        (
            true,
            "{\n\t\"Effect\" : \"Allow\", \"Principal\" : {\"Service\":\"logging.s3.amazonaws.com\"}, \"Action\":[\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::x/\\u006cogs/*\"}",
        ),
        (
            false,
            r#"{"Sid":"GoldsmithConsumersRead","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#,
        ),
    ];
    prop::collection::vec(select(all), 0..6)
}

proptest! {
    #[test]
    fn foreign_statements_are_kept_and_ours_name_the_readers(
        written in some_statements(), first in some_readers(), then in some_readers()
    ) {
        let texts: Vec<&str> = written.iter().map(|(_, text)| *text).collect();
        let foreign: Vec<&str> = written.iter().filter(|(foreign, _)| *foreign).map(|(_, text)| *text).collect();
        // A bucket's policy has statements, or there is none.
        let before = if texts.is_empty() { String::new() } else { policy(&texts) };
        let directly = bring(&before, &then);
        prop_assert_eq!(read(&directly).with(&then), Ok(None));
        prop_assert_eq!(bring(&bring(&before, &first), &then).len(), directly.len());
        let kept = if directly.is_empty() { Vec::new() } else { statements(&directly) };
        let kept: Vec<&Value> = kept.iter().filter(|one| one["Resource"] != OBJECTS).collect();
        prop_assert_eq!(kept.len(), foreign.len());
        prop_assert!(foreign.iter().all(|text| directly.contains(text)), "{}", directly);
    }
}
