//! `ami_name` as `ami-name`: the recipe name is in it, and the build date follows it.

use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::valid;
use crate::value::Part;

const RECIPE: &str = "{recipename}";

/// The pattern of a builder's AMI name; none if there is none, or if it cannot be one.
pub(super) fn pattern(
    fields: &mut Fields<'_>,
    recipe: &str,
    ledger: &mut Ledger,
) -> Option<String> {
    let value = fields.take("ami_name")?;
    let place = fields.place("ami_name");
    let parts = value.parts().unwrap_or_default();
    if let Some(secret) = secret(&parts) {
        ledger.trouble(&place, &crate::value::Trouble::Unknown(secret));
        return None;
    }
    let known: String = parts.iter().map_while(plain).collect();
    let is_known = parts.iter().all(|part| plain(part).is_some());
    let tail = |c: char| !c.is_ascii_alphanumeric();
    let known = if is_known {
        known.as_str()
    } else {
        known.trim_end_matches(tail)
    };
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || " ._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let clean: String = known.chars().map(allowed).collect();
    let pattern = match clean.as_str() {
        "" => RECIPE.to_owned(),
        clean if clean.contains(recipe) => clean.replacen(recipe, RECIPE, 1),
        clean => format!("{clean}-{RECIPE}"),
    };
    if !(valid::AMI_NAME.fits)(&pattern) {
        let why = format!("expected {}", valid::AMI_NAME.expected);
        ledger.left(LeftKind::Invalid, &place, &value.summary(), &why);
        return None;
    }
    let why = "an AMI's name has the recipe name in it, and its build date at its end";
    ledger.decided(Some(&place), "ami-name", &pattern, why);
    Some(pattern)
}

fn plain(part: &Part) -> Option<&str> {
    match part {
        Part::Plain(text) => Some(text),
        Part::Unknown(_) => None,
    }
}

fn secret(parts: &[Part]) -> Option<crate::value::Unknown> {
    parts.iter().find_map(|part| match part {
        Part::Unknown(unknown) if unknown.kind == LeftKind::Secret => Some(unknown.clone()),
        Part::Unknown(_) | Part::Plain(_) => None,
    })
}
