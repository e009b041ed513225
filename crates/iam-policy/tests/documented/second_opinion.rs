//! The same cases, judged by `iam-rs`: somebody else's evaluator, right in most of them.

use std::collections::{BTreeMap, HashMap};

use iam_rs::{
    Arn, Context, ContextValue, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy,
};

use crate::{ACTION, Answer, Case, KEY, Keys, conditions, elements, principals};

/// Where `iam-rs` is wrong: the case, its answer, and the reason. `None` is an error.
const WRONG: &[(&str, Option<Answer>, &str)] = &[
    (
        "ArnEquals is the same as ArnLike",
        Some(Answer::Nothing),
        "it compares texts, and IAM matches wildcards with ArnEquals, too",
    ),
    (
        "ArnNotEquals is the same as ArnNotLike",
        Some(Answer::Allow),
        "it compares texts, and IAM matches wildcards with ArnNotEquals, too",
    ),
    (
        "a wildcard does not share the colons of the resource",
        Some(Answer::Allow),
        "it matches an ARN as one text, and IAM matches its six parts",
    ),
    (
        "IgnoreCase beyond ASCII",
        Some(Answer::Nothing),
        "it ignores the case of ASCII letters only",
    ),
    (
        "ForAllValues with an empty value",
        Some(Answer::Nothing),
        "it takes an empty text for a value, and IAM for none",
    ),
    (
        "ForAnyValue with an empty value",
        Some(Answer::Allow),
        "it takes an empty text for a value, and IAM for none",
    ),
    (
        "true with an empty value",
        Some(Answer::Nothing),
        "it takes an empty text for a value, and IAM for none",
    ),
    (
        "ForAllValues...IfExists with an absent key",
        None,
        "it does not read a quantifier together with IfExists",
    ),
    (
        "ForAnyValue...IfExists with a matching value",
        None,
        "it does not read a quantifier together with IfExists",
    ),
    (
        "the role's account by its root",
        Some(Answer::Nothing),
        "an account stands for all its principals",
    ),
    (
        "the role's account by its number",
        Some(Answer::Nothing),
        "an account stands for all its principals",
    ),
    (
        "a wildcard does not match part of a principal",
        Some(Answer::Allow),
        "it matches wildcards in principals, and IAM does not",
    ),
    (
        "nobody",
        Some(Answer::Allow),
        "it takes a statement without a principal for one about everybody",
    ),
    (
        "a federated principal beside the role",
        None,
        "it does not read principals of two kinds in one statement",
    ),
    (
        "a wildcard at the end of a part reaches over colons",
        None,
        "it refuses a pattern with fewer parts than an ARN",
    ),
    (
        "without a version there are no variables",
        None,
        "it requires a version, and in IAM it is optional",
    ),
];

fn value(values: &[&str]) -> ContextValue {
    match values {
        ["true"] => ContextValue::Boolean(true),
        ["false"] => ContextValue::Boolean(false),
        [one] => ContextValue::String((*one).to_owned()),
        many => ContextValue::StringList(many.iter().map(|one| (*one).to_owned()).collect()),
    }
}

fn context(keys: Keys) -> Context {
    let present = keys.iter().filter(|(_, values)| !values.is_empty());
    let data: HashMap<String, ContextValue> = present
        .map(|(key, values)| ((*key).to_owned(), value(values)))
        .collect();
    Context::with_data(data)
}

fn opinion(case: &Case) -> Option<Answer> {
    let policy = IAMPolicy::from_json(&case.policy).ok()?;
    let principal = Principal::Aws(PrincipalId::String(case.principal.to_owned()));
    let key = Arn::parse(KEY).ok()?;
    let request = IAMRequest::new_with_context(principal, ACTION, key, context(case.keys));
    Some(match evaluate_policy(&policy, &request).ok()? {
        iam_rs::Decision::Allow => Answer::Allow,
        iam_rs::Decision::Deny => Answer::Deny,
        iam_rs::Decision::NotApplicable => Answer::Nothing,
    })
}

fn all() -> Vec<Case> {
    [conditions::allowing(), elements::all(), principals::all()].concat()
}

/// It knows no unknown answers, so those cases are not asked.
#[test]
fn iam_rs_agrees_except_where_it_is_wrong() {
    let cases = all();
    let definite = cases.iter().filter(|case| case.expected != Answer::Unknown);
    let differing: BTreeMap<&str, Option<Answer>> = definite
        .map(|case| (case.what, opinion(case), case.expected))
        .filter(|(_, theirs, ours)| *theirs != Some(*ours))
        .map(|(what, theirs, _)| (what, theirs))
        .collect();
    let known = WRONG.iter().map(|(what, theirs, _)| (*what, *theirs));
    assert_eq!(differing, known.collect());
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = all();
    let names: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.what, case)).collect();
    assert_eq!(names.len(), cases.len());
}
