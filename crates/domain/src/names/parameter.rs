//! Which SSM parameters a stack reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, ParameterName};

/// Where Amazon publishes AMI ids (Systems Manager user guide, "Discovering public parameters"). Below
/// `/aws/reference/` a parameter would be a secret of Secrets Manager.
const PUBLIC: &str = "/aws/service/";

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
