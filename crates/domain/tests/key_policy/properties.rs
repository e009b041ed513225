//! What holds for every policy and all consumers.

use goldsmith_domain::key_policy::{KeyPolicyError, LARGEST_POLICY};
use proptest::prelude::*;
use serde_json::Value;

use crate::key_policy::evaluator::{Decision, Request, decide, statements};
use crate::key_policy::panel::{is_meant, requests};
use crate::key_policy::policies::{Written, any_policy, some_consumers, some_policy};
use crate::key_policy::{BUILDING, access, bring, here, read};

/// The foreign statements stand in `text` byte for byte, in their order.
fn keeps(written: &Written, text: &str) -> bool {
    let mut rest = text;
    written
        .foreign
        .iter()
        .all(|statement| match rest.split_once(statement.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
}

/// Statements in an order of their own.
fn sorted(text: &str) -> Vec<String> {
    let mut all: Vec<String> = statements(text).iter().map(Value::to_string).collect();
    all.sort();
    all
}

fn root_puts_policy() -> Request {
    Request {
        principal: format!("arn:aws:iam::{BUILDING}:root"),
        action: "kms:PutKeyPolicy",
        org_path: None,
        for_aws_resource: None,
        grantee: None,
        operations: None,
        via: None,
    }
}

/// A statement that lets everybody in, whatever their organization.
fn is_open(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    let everybody = *principal == "*" || principal["AWS"] == "*";
    let paths =
        statement["Condition"]["ForAnyValue:StringLike"]["aws:PrincipalOrgPaths"].as_array();
    everybody && !paths.is_some_and(|paths| !paths.is_empty() && paths.iter().all(|p| p != "*"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn exactly_the_documented_consumers_get_access(written in some_policy(), consumers in some_consumers()) {
        let after = bring(&written.text, &access(&consumers)).expect("it can be written");
        let foreign: Vec<Value> =
            written.foreign.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
        let after = statements(&after);
        for request in requests() {
            let others = decide(&foreign, &request);
            let meant = others == Decision::Nothing && is_meant(&consumers, &here(), &request);
            let expected = if meant { Decision::Allow } else { others };
            prop_assert_eq!(decide(&after, &request), expected, "{:?}", request);
        }
    }
}

proptest! {
    #[test]
    fn foreign_statements_stay_byte_for_byte(written in some_policy(), consumers in some_consumers()) {
        let after = bring(&written.text, &access(&consumers)).expect("it can be written");
        prop_assert!(keeps(&written, &after), "{}", after);
        let ours = statements(&after).len() - written.foreign.len();
        prop_assert!(ours <= 5, "{} statements of ours", ours);
    }

    #[test]
    fn what_was_brought_about_needs_no_second_write(written in some_policy(), consumers in some_consumers()) {
        let access = access(&consumers);
        let after = bring(&written.text, &access).expect("it can be written");
        prop_assert_eq!(read(&after).with(&access), Ok(None));
        let read = read(&after);
        prop_assert_eq!(read.access(), &access);
    }

    #[test]
    fn the_way_makes_no_difference(written in some_policy(), first in some_consumers(), then in some_consumers()) {
        let (first, then) = (access(&first), access(&then));
        let directly = bring(&written.text, &then).expect("it can be written");
        let roundabout = bring(&bring(&written.text, &first).expect("first"), &then).expect("then");
        prop_assert_eq!(sorted(&roundabout), sorted(&directly));
    }

    #[test]
    fn gained_and_lost_access_add_up(first in some_consumers(), then in some_consumers()) {
        let (first, then) = (access(&first), access(&then));
        let (gained, lost) = (then.difference(&first), first.difference(&then));
        prop_assert!(then.difference(&first.union(&gained)).is_empty());
        prop_assert!(first.difference(&then.union(&lost)).is_empty());
        prop_assert!(first.difference(&first.union(&then)).is_empty());
    }

    #[test]
    fn a_union_with_new_consumers_revokes_nothing(written in some_policy(), first in some_consumers(), then in some_consumers()) {
        let before = bring(&written.text, &access(&first)).expect("it can be written");
        let both = read(&before).access().union(&access(&then));
        let after = bring(&before, &both).expect("it can be written");
        prop_assert!(read(&before).access().difference(read(&after).access()).is_empty());
        prop_assert!(access(&then).difference(read(&after).access()).is_empty());
    }

    #[test]
    fn a_generated_policy_can_be_stored_and_locks_no_principal_out(written in any_policy(), consumers in some_consumers()) {
        let foreign = written.foreign.concat();
        let bad = |c: char| c != '\n' && c != '\t' && c != '\r' && !(' '..='\u{ff}').contains(&c);
        let administered = |text: &str| decide(&statements(text), &root_puts_policy()) == Decision::Allow;
        let foreign_only = format!(r#"{{"Statement":[{}]}}"#, written.foreign.join(","));
        match read(&written.text).with(&access(&consumers)) {
            Ok(None) => {}
            Ok(Some(text)) => {
                prop_assert!(text.len() <= LARGEST_POLICY && !text.contains(bad), "{}", text);
                prop_assert!(administered(&text) && keeps(&written, &text), "{}", text);
                prop_assert!(!statements(&text).iter().any(|s| s["Principal"].to_string().contains("AROA")));
                prop_assert!(read(&text).statements().is_empty() || !statements(&text)[written.foreign.len()..].iter().any(is_open));
            }
            Err(KeyPolicyError::DeletedPrincipal { principal, .. }) => {
                prop_assert_eq!(principal, "AROAEXAMPLE");
                prop_assert!(statements(&foreign_only).iter().any(|s| s.to_string().contains("AROAEXAMPLE")));
            }
            Err(KeyPolicyError::NotLatin1 { character, .. }) => prop_assert!(foreign.contains(character)),
            Err(KeyPolicyError::TooLarge { bytes, .. }) => prop_assert!(bytes > LARGEST_POLICY),
            Err(KeyPolicyError::LocksOut) => prop_assert!(!administered(&foreign_only)),
            Err(KeyPolicyError::Malformed(why)) => prop_assert!(false, "{}", why),
        }
    }
}
