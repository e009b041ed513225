//! Conditions: operators, set quantifiers, absent keys, `...IfExists`, `Null`, case.

mod absent_keys;
mod arns;
mod not_supported;
mod one_value;
mod set_quantifiers;

use crate::{Answer, Case, Keys, ROLE, assert_all};

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Unknown,
}

/// Page, case, condition, what is known of the request, and whether the condition holds.
type Row = (&'static str, &'static str, &'static str, Keys, Holds);

/// The cases of a row: the condition in an allow, and in a deny beside an allow.
fn both_effects(&(page, what, condition, keys, holds): &Row) -> [Case; 2] {
    let statement = |effect: &str, condition: &str| {
        format!(
            r#"{{"Effect": "{effect}", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {condition}}}"#
        )
    };
    let case = |statements: &[String], expected| Case {
        page,
        what,
        policy: format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        ),
        principal: ROLE,
        keys,
        expected,
    };
    let (allowing, denying) = match holds {
        Holds::Yes => (Answer::Allow, Answer::Deny),
        Holds::No => (Answer::Nothing, Answer::Allow),
        Holds::Unknown => (Answer::Unknown, Answer::Unknown),
    };
    [
        case(&[statement("Allow", condition)], allowing),
        case(
            &[statement("Allow", "{}"), statement("Deny", condition)],
            denying,
        ),
    ]
}

fn cases(rows: &[Row]) -> Vec<Case> {
    rows.iter().flat_map(both_effects).collect()
}

/// Every condition in an allow.
pub fn allowing() -> Vec<Case> {
    let all = [
        one_value::ROWS,
        arns::ROWS,
        absent_keys::ROWS,
        set_quantifiers::ROWS,
        not_supported::ROWS,
    ];
    let rows = all.into_iter().flatten();
    rows.map(|row| both_effects(row)[0].clone()).collect()
}

#[test]
fn operators_compare_one_value() {
    assert_all(&cases(one_value::ROWS));
}

#[test]
fn operators_on_arns_compare_part_by_part() {
    assert_all(&cases(arns::ROWS));
}

#[test]
fn absent_keys_match_negated_operators_and_if_exists() {
    assert_all(&cases(absent_keys::ROWS));
}

#[test]
fn set_quantifiers_compare_several_values() {
    assert_all(&cases(set_quantifiers::ROWS));
}

#[test]
fn what_is_not_supported_is_unknown() {
    assert_all(&cases(not_supported::ROWS));
}
