//! What a statement says, read from its JSON: a value may stand alone or in a list, and condition keys
//! are not case-sensitive (IAM user guide, "IAM JSON policy elements: Condition").

use serde_json::Value;

use crate::names::AccountId;

/// The texts of an element that is a text or a list of texts.
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// The AWS principals of an element such as `Principal`; `"*"` is the same as `{"AWS": "*"}` (IAM user
/// guide, "AWS JSON policy elements: Principal").
pub(crate) fn principals(element: &Value) -> Vec<&str> {
    if element.is_string() {
        strings(element)
    } else {
        strings(&element["AWS"])
    }
}

/// Every value that a condition of the statement compares `key` with; none if no condition does.
pub(crate) fn condition_values<'a>(statement: &'a Value, key: &str) -> Option<Vec<&'a str>> {
    let operators = statement["Condition"]
        .as_object()?
        .values()
        .filter_map(Value::as_object);
    let found: Vec<&Value> = operators
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
        .collect();
    (!found.is_empty()).then(|| found.into_iter().flat_map(strings).collect())
}

/// The account in an ARN, or the account that a principal of twelve digits is.
pub(crate) fn account_of(principal: &str) -> Option<AccountId> {
    principal
        .parse()
        .ok()
        .or_else(|| principal.split(':').nth(4)?.parse().ok())
}

/// Whether `text` fits a pattern in which `*` stands for any text and `?` for any character.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((fixed, rest)) = pattern.split_once('*') else {
        return equals(pattern, text);
    };
    let Some((start, mut text)) = split_at_chars(text, fixed.chars().count()) else {
        return false;
    };
    if !equals(fixed, start) {
        return false;
    }
    loop {
        if matches(rest, text) {
            return true;
        }
        let mut chars = text.chars();
        if chars.next().is_none() {
            return false;
        }
        text = chars.as_str();
    }
}

/// Whether an ARN fits a pattern: each of the six parts has to, so that a `*` reaches no further than its
/// part (IAM user guide, "Amazon Resource Name (ARN) condition operators").
pub(crate) fn matches_arn(pattern: &str, arn: &str) -> bool {
    const PARTS: usize = 6;
    let (pattern, arn): (Vec<_>, Vec<_>) = (
        pattern.splitn(PARTS, ':').collect(),
        arn.splitn(PARTS, ':').collect(),
    );
    pattern.len() == arn.len()
        && pattern
            .iter()
            .zip(&arn)
            .all(|(pattern, part)| matches(pattern, part))
}

/// Whether a pattern without `*` fits.
fn equals(pattern: &str, text: &str) -> bool {
    let same = |(pattern, text): (char, char)| pattern == '?' || pattern == text;
    pattern.chars().count() == text.chars().count() && pattern.chars().zip(text.chars()).all(same)
}

fn split_at_chars(text: &str, count: usize) -> Option<(&str, &str)> {
    let bytes: usize = text.chars().take(count).map(char::len_utf8).sum();
    (text.chars().take(count).count() == count).then(|| text.split_at(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_iam() {
        for (pattern, text) in [
            ("kms:*", "kms:PutKeyPolicy"),
            ("kms:Put?eyPolicy", "kms:PutKeyPolicy"),
            ("*", ""),
            ("a*c*e", "abcde"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("kms:Get*", "kms:PutKeyPolicy"),
            ("?", ""),
            ("a*c", "abcd"),
            ("", "a"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_principal_is_an_account_by_its_arn_or_by_its_digits() {
        let account = |text| account_of(text).map(String::from);
        assert_eq!(
            account("arn:aws:iam::222222222222:root").as_deref(),
            Some("222222222222")
        );
        assert_eq!(account("222222222222").as_deref(), Some("222222222222"));
        assert_eq!(account("AROAEXAMPLE"), None);
    }
}
