//! Names of SSM parameters, and which of them a stack reads, by the rules of Parameter Store (Systems Manager API reference, `PutParameter`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::distribution::RECIPENAME;
use super::{NameError, RecipeName};

/// Where Amazon publishes AMI ids (Systems Manager user guide, "Discovering public parameters"). Below
/// `/aws/reference/` a parameter would be a secret of Secrets Manager.
const PUBLIC: &str = "/aws/service/";

name!(
    /// The name of an SSM parameter: letters, digits or `_.-` at each level, at most 1011 characters and 15
    /// levels, none of them empty, and `/` first if there is more than one.
    ///
    /// A version, a label or an ARN is none: Image Builder's `SsmParameterName` takes no `:`. A level of dots
    /// alone is refused as well, because only somebody who wants to be misread writes one.
    ParameterName,
    "a parameter name: 1 to 1011 letters, digits or `_.-/`, in at most 15 levels such as `/golden/base`",
    is_parameter_name
);
name!(
    /// The name of an SSM parameter with `{recipename}` in it, without which the parameters of two
    /// recipes would be one. With the longest recipe name (60) in it, it is a name that Parameter Store
    /// takes: at most 1011 characters and 15 levels, none of them empty, and `/` first if there is more
    /// than one (Systems Manager API reference, `PutParameter`).
    ParameterPattern,
    "a parameter name with `{recipename}` in it once, such as `/imagebuilder/{recipename}/ami-id`: letters, \
     digits or `_.-/`, at most 963 characters and 15 levels",
    is_parameter_pattern
);
/// The most characters of a name, whatever its Region and partition.
const LONGEST: usize = 1011;

/// The most levels of a name.
const DEEPEST: usize = 15;

/// What Parameter Store answers below this comes from somewhere else, such as the secrets of Secrets Manager
/// (Systems Manager user guide, "Referencing AWS Secrets Manager secrets from Parameter Store parameters").
const REFERENCES: &str = "/aws/reference/";

impl ParameterName {
    /// Whether it leads to what another service keeps, in whatever case it is written: names are
    /// case-sensitive today, and a secret is no place to find out whether that holds.
    pub fn is_reference(&self) -> bool {
        format!("{}/", self.0.to_ascii_lowercase()).starts_with(REFERENCES)
    }
}

impl ParameterPattern {
    /// The name of the parameter of a recipe.
    pub fn of(&self, recipe: &RecipeName) -> ParameterName {
        ParameterName(self.0.replace(RECIPENAME, recipe.as_str()))
    }
}

fn is_parameter_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
    let levels: Vec<&str> = text.strip_prefix('/').unwrap_or(text).split('/').collect();
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(allowed)
        && (levels.len() == 1 || text.starts_with('/'))
        && levels.len() <= DEEPEST
        && levels.iter().all(|level| level.bytes().any(|b| b != b'.'))
}

/// Whether it is a name with the longest recipe name in it.
fn is_parameter_pattern(text: &str) -> bool {
    let Some((before, after)) = text.split_once(RECIPENAME) else {
        return false;
    };
    is_parameter_name(&format!("{before}{}{after}", "x".repeat(60)))
}

name!(
    /// The beginning of the names of all parameters that a stack reads, such as `/goldsmith/`.
    ///
    /// At least one level: `/` alone would be every parameter of the account.
    ParameterPrefix,
    "a prefix of parameter names that begins and ends with `/`, such as `/goldsmith/`: levels of letters, digits or \
     `_.-`, of which the first is neither `aws` nor `ssm`",
    is_prefix
);

impl ParameterPrefix {
    /// The prefix of a stack whose template sets none.
    pub const DEFAULT: &str = "/goldsmith/";

    /// Whether a parameter may be read: it is below this prefix, or one of Amazon's public ones.
    ///
    /// Names are compared as they stand, as SSM does: it knows no `..`, and case counts. A name with a
    /// level that another reader might take for something else is below nothing.
    pub fn allows(&self, name: &ParameterName) -> bool {
        let below = |prefix: &str| name.as_str().strip_prefix(prefix).is_some_and(are_levels);
        below(&self.0) || below(PUBLIC)
    }
}

impl Default for ParameterPrefix {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

fn is_prefix(text: &str) -> bool {
    let levels = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let is_own = |levels: &&str| {
        let first = levels.split('/').next().unwrap_or_default();
        // SSM gives nobody a name of its own below these (API reference, `PutParameter`).
        !["aws", "ssm"].contains(&first.to_ascii_lowercase().as_str())
    };
    levels.filter(is_own).is_some_and(are_levels)
}

/// Whether a text is one or more levels of a parameter's name.
fn are_levels(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    text.split('/').all(|level| {
        let is_folder = level.bytes().all(|b| b == b'.');
        !is_folder && level.bytes().all(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn a_parameter_has_its_recipe_in_it_once_and_is_one_that_parameter_store_takes() {
        assert!(is::<ParameterPattern>("/imagebuilder/{recipename}/ami-id"));
        assert!(
            is::<ParameterPattern>("golden-{recipename}")
                && is::<ParameterPattern>("/{recipename}")
        );
        assert!(!is::<ParameterPattern>("/imagebuilder/ami-id"));
        assert!(!is::<ParameterPattern>(
            "/imagebuilder/{recipename}/{recipename}"
        ));
        assert!(!is::<ParameterPattern>("imagebuilder/{recipename}"));
        assert!(!is::<ParameterPattern>("/imagebuilder//{recipename}"));
        assert!(!is::<ParameterPattern>("/imagebuilder/{recipename}/"));
        assert!(!is::<ParameterPattern>("/imagebuilder/{recipename} ami"));
        assert!(is::<ParameterPattern>(&format!(
            "{}/{{recipename}}",
            "/a".repeat(14)
        )));
        assert!(!is::<ParameterPattern>(&format!(
            "{}/{{recipename}}",
            "/a".repeat(15)
        )));
    }

    #[test]
    fn the_longest_parameter_is_parameter_stores() {
        let pattern: ParameterPattern = format!("/{}{{recipename}}", "x".repeat(950))
            .parse()
            .expect("one");
        let name = pattern.of(&"r".repeat(60).parse().expect("a recipe name"));
        assert_eq!((pattern.as_str().len(), name.as_str().len()), (963, 1011));
        assert!(is::<ParameterName>(name.as_str()));
        assert!(!is::<ParameterPattern>(&format!(
            "/{}{{recipename}}",
            "x".repeat(951)
        )));
    }

    #[test]
    fn a_parameter_has_levels_and_no_version_label_or_arn() {
        for good in [
            "base",
            "/golden/base",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
            "/a.b/..c",
        ] {
            assert!(is::<ParameterName>(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "//",
            "golden/base",
            "//golden/base",
            "/golden//base",
            "/golden/base/",
            "/golden/./base",
            "/golden/../base",
            "..",
            "/golden/base:3",
            "/golden/base:live",
            ":3",
            "/golden/base ",
            "/golden/base\n",
            "/golden/b\u{0430}se",
            "/golden/%62ase",
            "/golden/*",
            "arn:aws:ssm:us-east-1:111122223333:parameter/golden/base",
        ] {
            assert!(!is::<ParameterName>(bad), "{bad}");
        }
        assert!(is::<ParameterName>(&"/a".repeat(15)) && !is::<ParameterName>(&"/a".repeat(16)));
        assert!(is::<ParameterName>(&"x".repeat(1011)) && !is::<ParameterName>(&"x".repeat(1012)));
    }

    #[test]
    fn what_is_below_aws_reference_is_a_reference_in_any_case() {
        let is = |text: &str| {
            text.parse::<ParameterName>()
                .expect("a name")
                .is_reference()
        };
        assert!(
            is("/aws/reference/secretsmanager/prod/db")
                && is("/AWS/Reference/x")
                && is("/aws/reference")
        );
        assert!(
            !is("/aws/service/x") && !is("/aws/references/x") && !is("/golden/aws/reference/x")
        );
    }

    fn allows(prefix: &str, name: &str) -> bool {
        let prefix: ParameterPrefix = prefix.parse().expect("a prefix");
        // What is no name at all never gets as far.
        name.parse().is_ok_and(|name| prefix.allows(&name))
    }

    #[test]
    fn parameters_below_the_prefix_and_amazons_public_ones_are_read() {
        for name in [
            "/goldsmith/base",
            "/goldsmith/a/b_c.d-e",
            "/goldsmith/.hidden",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        ] {
            assert!(allows("/goldsmith/", name), "{name}");
        }
    }

    #[test]
    fn no_spelling_leaves_the_prefix() {
        for name in [
            "/prod/db/password",
            "/aws/reference/secretsmanager/db",
            "/aws/service/../reference/secretsmanager/db",
            "/aws/service//aws/reference/secretsmanager/db",
            "/aws/SERVICE/x",
            "/aws/services/x",
            "/goldsmith/../prod/db/password",
            "/goldsmith/./x",
            "/goldsmith/.../x",
            "/goldsmith//prod/db/password",
            "//goldsmith/x",
            "/goldsmith/",
            "/goldsmith",
            "/goldsmith-evil/x",
            "/Goldsmith/x",
            "/GOLDSMITH/x",
            "goldsmith/x",
            "prod",
            "/goldsmith/x/",
            "/goldsmith/x:3",
            "/goldsmith/x:label",
            "/goldsmith/%2e%2e/prod",
            "/goldsmith/x\n",
            "/goldsmith/x ",
            "arn:aws:ssm:us-east-1:111122223333:parameter/goldsmith/x",
        ] {
            assert!(!allows("/goldsmith/", name), "{name}");
        }
    }

    #[test]
    fn a_prefix_is_at_least_one_level_of_the_accounts_own() {
        let is = |text: &str| text.parse::<ParameterPrefix>().is_ok();
        assert!(is("/goldsmith/") && is("/golden/images/"));
        for text in [
            "",
            "/",
            "//",
            "goldsmith/",
            "/goldsmith",
            "/a//",
            "/../",
            "/a/../",
            "/aws/",
            "/aws/reference/",
            "/AWS/",
            "/ssm/",
            "/a b/",
            "/*/",
        ] {
            assert!(!is(text), "{text}");
        }
        assert!(is(ParameterPrefix::default().as_str()));
    }
}
