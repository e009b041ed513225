//! Schedules, judged as `EventBridge` judges them.
//!
//! `schedule_expressions/table.tsv` has the verdicts of an independent evaluator and of AWS's page;
//! `regenerate.py` beside it says how it was made.

use std::collections::BTreeMap;

use goldsmith_domain::names::ScheduleExpression;
use proptest::prelude::*;
use proptest::sample::select;

/// A row: the verdict that counts, the evaluator's, the expression, and why they differ.
struct Row<'t> {
    verdict: &'t str,
    evaluator: &'t str,
    expression: String,
    reason: Option<&'t str>,
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    let table = include_str!("schedule_expressions/table.tsv");
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            Row {
                verdict: fields[0],
                evaluator: fields[1],
                expression: unescaped(fields[2]),
                reason: fields.get(3).copied(),
            }
        })
}

/// The text that Python wrote with its escapes.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = match part.split_at(1) {
            ("n", rest) => ('\n', rest),
            ("r", rest) => ('\r', rest),
            ("t", rest) => ('\t', rest),
            (kind, rest) => {
                let (digits, rest) = rest.split_at(if kind == "x" { 2 } else { 4 });
                let code = u32::from_str_radix(digits, 16).expect("an escape");
                (char::from_u32(code).expect("a character"), rest)
            }
        };
        plain.push(code);
        plain.push_str(rest);
    }
    plain
}

fn is_accepted(expression: &str) -> bool {
    format!("cron({expression})")
        .parse::<ScheduleExpression>()
        .is_ok()
}

#[test]
fn every_expression_of_the_table_is_judged_as_it_says() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows() {
        let ours = if is_accepted(&row.expression) {
            "accepted"
        } else {
            "refused"
        };
        assert_eq!(ours, row.verdict, "cron({})", row.expression.escape_debug());
        assert_eq!(
            row.verdict != row.evaluator,
            row.reason.is_some(),
            "cron({})",
            row.expression
        );
        *seen.entry(row.verdict).or_default() += 1;
    }
    assert!(
        seen["accepted"] >= 200 && seen["refused"] >= 400,
        "{seen:?}"
    );
}

/// The fields of every expression that the table accepts, each at its position.
fn good_fields() -> [Vec<String>; 6] {
    let mut fields: [Vec<String>; 6] = Default::default();
    for row in rows().filter(|row| row.verdict == "accepted") {
        for (field, part) in fields.iter_mut().zip(row.expression.split_whitespace()) {
            field.push(part.to_owned());
        }
    }
    fields
}

proptest! {
    /// Fields do not depend on each other, but for the two of the day.
    #[test]
    fn good_fields_make_a_good_expression_if_one_day_is_any(parts in good_fields().map(select)) {
        let days = [&parts[2], &parts[4]];
        let any = days.iter().filter(|day| day.as_str() == "?").count();
        prop_assert_eq!(is_accepted(&parts.join(" ")), any == 1, "{:?}", parts);
    }

    /// A character that no field has makes any expression a bad one, wherever it is.
    #[test]
    fn a_strange_character_is_never_taken(
        row in select(rows().filter(|row| row.verdict == "accepted").map(|row| row.expression).collect::<Vec<_>>()),
        at in any::<prop::sample::Index>(),
        strange in select(vec!['\n', '\r', '\0', '\t', '%', '\u{0661}', '\u{FF11}', '\u{200B}', ';', '$', '\\', 'x', '+']),
    ) {
        let mut text = row;
        text.insert(at.index(text.len() + 1), strange);
        prop_assert!(!is_accepted(&text), "{:?}", text);
    }
}
