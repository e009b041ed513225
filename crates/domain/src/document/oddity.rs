//! What a person overlooks in a text that is no name: characters that nobody sees, and slips of form.

use std::str::FromStr;

use crate::names::{AccountId, Region};
use crate::problem::Problem;

/// The problem, with a hint at what in `text` keeps it from being a `T`.
pub(super) fn with_hint<T: FromStr>(problem: Problem, text: &str) -> Problem {
    let hint = odd_character(text)
        .or_else(|| in_small_letters::<T>(text))
        .or_else(|| part_of_arn(text))
        .or_else(|| stand_in(text))
        .or_else(|| key_id(text))
        .or_else(|| length(text));
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// A character that is invisible, or looks like another one.
fn odd_character(text: &str) -> Option<String> {
    if text.trim_matches(' ') != text {
        return Some("remove the blanks around it".to_owned());
    }
    let is_odd = |(_, c): &(usize, char)| !(' '..='~').contains(c);
    let (position, c) = (1..).zip(text.chars()).find(is_odd)?;
    let code = u32::from(c);
    Some(format!(
        "its character {position} is U+{code:04X}; names of AWS have plain letters, digits and signs"
    ))
}

fn in_small_letters<T: FromStr>(text: &str) -> Option<String> {
    let small = text.to_ascii_lowercase();
    let is_name = small.parse::<T>().is_ok();
    is_name.then(|| format!("did you mean `{small}`?"))
}

/// The part of an ARN that is wrong whatever it is the ARN of.
fn part_of_arn(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    if parts[0] != "arn" {
        return None;
    }
    let [_, partition, service, region, account, resource] = parts.as_slice() else {
        let found = parts.len();
        return Some(format!(
            "an ARN has six parts with `:` between them, and this has {found}"
        ));
    };
    if !matches!(partition.split('-').next(), Some("aws")) {
        return Some("the second part of an ARN is a partition, such as `aws`".to_owned());
    }
    let is_global = matches!(*service, "iam" | "organizations");
    if is_global != region.is_empty() || !is_global && region.parse::<Region>().is_err() {
        let place = if is_global { "empty" } else { "a Region" };
        return Some(format!(
            "the fourth part of an ARN of `{service}` is {place}"
        ));
    }
    let is_word = account.starts_with("aws") || *account == "third-party";
    if is_global && is_word || !is_word && account.parse::<AccountId>().is_err() {
        return Some("the fifth part of an ARN is an account id of 12 digits".to_owned());
    }
    resource
        .is_empty()
        .then(|| "the last part of an ARN names what it is of".to_owned())
}

/// The id of a KMS key that KMS cannot have made.
fn key_id(text: &str) -> Option<String> {
    let (head, _) = text.split_once(":key/")?;
    let hint = "the id of a key is a UUID, or `mrk-` and 32 hexadecimal digits: copy the whole ARN from KMS";
    head.contains(":kms:").then(|| hint.to_owned())
}

/// A sign that elsewhere means another text.
fn stand_in(text: &str) -> Option<String> {
    let sign = text.chars().find(|c| "*?%$".contains(*c))?;
    Some(format!(
        "`{sign}` means only itself here: write the whole name"
    ))
}

fn length(text: &str) -> Option<String> {
    let characters = text.chars().count();
    let usual = if text.starts_with("arn:") { 200 } else { 60 };
    (characters > usual).then(|| format!("it has {characters} characters"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{AmiId, ComponentArn, KeyArn, RoleArn};
    use crate::problem::Place;

    fn hint<T: FromStr>(text: &str) -> String {
        let problem = with_hint::<T>(Place::start_of("f").problem(text, "a name"), text);
        problem.hint.unwrap_or_default()
    }

    #[test]
    fn a_character_that_nobody_sees_is_named() {
        assert_eq!(
            hint::<AmiId>("ami-1a2b3c4d "),
            "remove the blanks around it"
        );
        assert!(hint::<AmiId>("ami-1a2b\n3c4d").starts_with("its character 9 is U+000A"));
        assert!(hint::<AccountId>("11112222333\u{0663}").starts_with("its character 12 is U+0663"));
        assert_eq!(
            hint::<AmiId>("AMI-1A2B3C4D"),
            "did you mean `ami-1a2b3c4d`?"
        );
        assert!(hint::<AmiId>("ami-*").starts_with("`*` means only itself"));
        assert_eq!(hint::<AmiId>("ami-1"), "");
    }

    #[test]
    fn the_form_of_a_key_id_is_told() {
        let of = |id: &str| hint::<KeyArn>(&format!("arn:aws:kms:us-east-1:111122223333:{id}"));
        assert!(of("key/1").starts_with("the id of a key is a UUID, or `mrk-`"));
        assert!(of("key/*").starts_with("`*` means only itself"));
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let shouted = of(&format!("key/{}", id.to_uppercase()));
        assert!(
            shouted.starts_with("did you mean `arn:aws:kms:"),
            "{shouted}"
        );
        assert_eq!(of("alias/a"), "");
    }

    #[test]
    fn the_part_of_an_arn_that_is_wrong_is_named() {
        let of = |text: &str| hint::<ComponentArn>(&format!("{text}:component/a/1.0.0"));
        assert!(of("arn:asw:imagebuilder:us-east-1:aws").contains("partition"));
        assert!(of("arn:aws:imagebuilder::aws").contains("`imagebuilder` is a Region"));
        assert!(of("arn:aws:imagebuilder:us-east:aws").contains("is a Region"));
        assert!(of("arn:aws:imagebuilder:us-east-1:").contains("12 digits"));
        assert!(of("arn:aws:imagebuilder:us-east-1:1").contains("12 digits"));
        assert_eq!(
            hint::<ComponentArn>("arn:aws:imagebuilder"),
            "an ARN has six parts with `:` between them, and this has 3"
        );
        assert!(hint::<ComponentArn>("arn:aws:imagebuilder:us-east-1:aws:").contains("names what"));
        assert!(
            hint::<RoleArn>("arn:aws:iam:us-east-1:111122223333:role/a").contains("`iam` is empty")
        );
        assert!(hint::<RoleArn>("arn:aws:iam::aws:role/a").contains("12 digits"));
    }
}
