//! The stack's names and place, from the environment variables that infra/template.yaml sets.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::StackResources;
use goldsmith_domain::names::{NameError, ParameterPrefix};
use goldsmith_domain::stack::StackContext;

/// A variable that is missing or wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// It is not set.
    #[error("the environment variable {0} is not set; infra/template.yaml sets it")]
    Missing(&'static str),
    /// Its value is not what it has to be.
    #[error("the environment variable {variable} is wrong: {error}")]
    Wrong {
        /// The variable.
        variable: &'static str,
        /// What was found and expected.
        error: NameError,
    },
}

/// The stack that the variables read by `get` describe.
pub fn stack(
    get: impl Fn(&str) -> Option<String>,
) -> Result<(StackContext, StackResources), EnvironmentError> {
    let text = |variable| {
        get(variable)
            .filter(|value| !value.is_empty())
            .ok_or(EnvironmentError::Missing(variable))
    };
    let stack = StackContext {
        environment: parse("ENVIRONMENT", &text("ENVIRONMENT")?)?,
        account: parse("ACCOUNT_ID", &text("ACCOUNT_ID")?)?,
        region: parse("AWS_REGION", &text("AWS_REGION")?)?,
        key: parse("KEY_ARN", &text("KEY_ARN")?)?,
        instance_profile: text("INSTANCE_PROFILE")?,
        instance_roles: get("INSTANCE_ROLES").as_deref().map(roles),
        parameter_prefix: parameter_prefix(text("PARAMETER_PREFIX").ok())?,
        output_bucket: text("OUTPUT_BUCKET")?,
    };
    let resources = StackResources {
        document_bucket: text("DOCUMENT_BUCKET")?,
        output_bucket: text("OUTPUT_BUCKET")?,
        topic_arn: text("TOPIC_ARN")?,
        build_rule: text("BUILD_RULE")?,
        execution_role: text("EXECUTION_ROLE")?,
        instance_role: text("INSTANCE_ROLE").ok(),
        signing_key: parse("SIGNING_KEY", &text("SIGNING_KEY")?)?,
    };
    Ok((stack, resources))
}

/// The ARNs in a text, with commas between them.
fn roles(text: &str) -> BTreeSet<String> {
    let roles = text.split(',').map(str::trim);
    roles
        .filter(|role| !role.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A stack of an earlier template sets no prefix, and reads what the default allows.
fn parameter_prefix(set: Option<String>) -> Result<ParameterPrefix, EnvironmentError> {
    set.map_or_else(
        || Ok(ParameterPrefix::default()),
        |prefix| parse("PARAMETER_PREFIX", &prefix),
    )
}

fn parse<T: FromStr<Err = NameError>>(
    variable: &'static str,
    value: &str,
) -> Result<T, EnvironmentError> {
    value
        .parse()
        .map_err(|error| EnvironmentError::Wrong { variable, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: [(&str, &str); 11] = [
        ("ENVIRONMENT", "nonprod"),
        ("ACCOUNT_ID", "111122223333"),
        ("AWS_REGION", "us-east-1"),
        (
            "KEY_ARN",
            "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234",
        ),
        ("INSTANCE_PROFILE", "goldsmith-nonprod"),
        (
            "SIGNING_KEY",
            "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000005678",
        ),
        ("DOCUMENT_BUCKET", "documents"),
        ("OUTPUT_BUCKET", "output"),
        ("TOPIC_ARN", "arn:aws:sns:us-east-1:111122223333:goldsmith"),
        ("BUILD_RULE", "goldsmith-nonprod-build"),
        (
            "EXECUTION_ROLE",
            "arn:aws:iam::111122223333:role/goldsmith-nonprod-distribute",
        ),
    ];

    fn value(name: &str) -> Option<String> {
        VARIABLES
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn every_variable_is_needed_and_named_when_it_is_missing() {
        assert!(stack(value).is_ok());
        for (missing, _) in VARIABLES {
            let error = stack(|name| value(name).filter(|_| name != missing))
                .expect_err("a variable is missing");
            assert_eq!(error, EnvironmentError::Missing(missing));
        }
    }

    #[test]
    fn the_prefix_of_parameters_is_the_stacks_or_the_default() {
        let prefix = |set: Option<&str>| {
            let get = |name: &str| match name {
                "PARAMETER_PREFIX" => set.map(str::to_owned),
                _ => value(name),
            };
            stack(get).map(|(stack, _)| stack.parameter_prefix.to_string())
        };
        assert_eq!(prefix(None).as_deref(), Ok("/goldsmith/"));
        assert_eq!(prefix(Some("")).as_deref(), Ok("/goldsmith/"));
        assert_eq!(prefix(Some("/golden/")).as_deref(), Ok("/golden/"));
        for wrong in ["/", "golden", "/aws/reference/"] {
            assert!(prefix(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn further_roles_are_those_that_the_stack_names() {
        let roles = |set: Option<&str>| {
            let get = |name: &str| match name {
                "INSTANCE_ROLES" => set.map(str::to_owned),
                _ => value(name),
            };
            stack(get).expect("a stack").0.instance_roles
        };
        assert_eq!(roles(None), None, "an earlier template");
        assert_eq!(roles(Some("")), Some(BTreeSet::new()));
        let two = ["arn:a", "arn:b"].map(str::to_owned).into();
        assert_eq!(roles(Some("arn:a, arn:b,")), Some(two));
    }

    #[test]
    fn a_wrong_value_says_what_was_expected() {
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/goldsmith".to_owned();
        let error = stack(|name| {
            if name == "KEY_ARN" {
                Some(alias.clone())
            } else {
                value(name)
            }
        });
        let message = error.expect_err("an alias").to_string();
        assert!(
            message.starts_with("the environment variable KEY_ARN is wrong: found `arn:aws:kms"),
            "{message}"
        );
    }
}
