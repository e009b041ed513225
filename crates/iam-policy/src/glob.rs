//! Patterns: `*` stands for any text, `?` for one character.

/// How many parts an ARN has; the last one may have colons of its own.
const ARN_PARTS: usize = 6;

/// Whether `text` fits `pattern`; case counts.
pub fn matches(pattern: &str, text: &str) -> bool {
    search(pattern, text, || ())
}

/// As [`matches`], but upper and lower case are the same.
pub fn matches_ignore_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_lowercase(), &text.to_lowercase())
}

/// Whether an ARN fits a pattern, part by part: a `*` does not reach beyond its part (IAM User Guide,
/// "IAM JSON policy elements: Condition operators", "Amazon Resource Name (ARN) condition operators").
pub fn matches_arn(pattern: &str, arn: &str) -> bool {
    let parts = |text| str::splitn(text, ARN_PARTS, ':');
    is_arn(pattern)
        && is_arn(arn)
        && parts(pattern)
            .zip(parts(arn))
            .all(|(pattern, part)| matches(pattern, part))
}

/// Whether a text has the six parts of an ARN.
pub fn is_arn(text: &str) -> bool {
    text.splitn(ARN_PARTS, ':').count() == ARN_PARTS
}

/// After a mismatch only the last star takes one character more: what matched before it can stay. So
/// there are at most as many steps as characters of the pattern times those of the text.
fn search(pattern: &str, text: &str, mut step: impl FnMut()) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut read) = (0, 0);
    // The place after the last star, and where the text after it begins.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        step();
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                star = Some((at, read));
            }
            Some(&one) if one == '?' || one == text[read] => (at, read) = (at + 1, read + 1),
            Some(_) | None => {
                let Some((after, begins)) = star else {
                    return false;
                };
                star = Some((after, begins + 1));
                (at, read) = (after, begins + 1);
            }
        }
    }
    pattern[at..].iter().all(|&one| one == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(pattern: &str, text: &str) -> (bool, usize) {
        let mut steps = 0;
        let matches = search(pattern, text, || steps += 1);
        (matches, steps)
    }

    #[test]
    fn fifty_stars_against_ten_thousand_characters_take_few_steps() {
        let text = "a".repeat(10_000);
        for (end, expected) in [("", true), ("b", false)] {
            let pattern = "*a".repeat(50) + end;
            let (matches, steps) = steps(&pattern, &text);
            assert_eq!(matches, expected);
            assert!(steps <= 3 * text.len(), "{steps} steps");
        }
        // The worst case: a long text between two stars that nearly fits everywhere.
        let (matches, steps) = steps(&format!("*{}b*", "a".repeat(100)), &text);
        assert!(!matches);
        assert!(steps <= 103 * text.len(), "{steps} steps");
    }

    #[test]
    fn stars_and_question_marks_match_as_in_a_policy() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("kms:*", "kms:Decrypt", true),
            ("kms:Put?eyPolicy", "kms:PutKeyPolicy", true),
            ("kms:Get*", "kms:PutKeyPolicy", false),
            ("kms:ReEncrypt*", "kms:ReEncryptFrom", true),
            ("kms:ReEncrypt*", "kms:Encrypt", false),
            ("a*c*e", "abcde", true),
            ("a*c", "abcd", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "a\u{fc}c", true),
            ("A*", "abc", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_star_in_an_arn_stays_in_its_part() {
        let role = "arn:aws:iam::111122223333:role/a/b";
        assert!(matches_arn("arn:aws:iam::111122223333:role/*", role));
        assert!(matches_arn("arn:aws:iam::111122223333:*", role));
        assert!(matches_arn("arn:aws:iam::*:role/a/b", role));
        assert!(!matches_arn("arn:aws:iam::*", role));
        assert!(!matches_arn("arn:*:role/a/b", role));
        assert!(!matches_arn("*", role));
        assert!(!matches_arn("a:b", "a:b"));
    }
}
