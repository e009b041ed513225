//! Finds out the names of a stack's resources from the variables of its reconcile function. That takes one
//! permission only: to read the function's configuration.

use std::collections::HashMap;

use super::{Function, Operator};
use crate::Aws;
use crate::fault::CallError;
use crate::stack::{EnvironmentError, stack};

const OPERATION: &str = "lambda:GetFunctionConfiguration";

/// Why a stack cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// Its function's configuration cannot be read.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Its function is not one of ours, or of another release.
    #[error("the function {function} does not describe a stack of this release")]
    Environment {
        /// The function.
        function: String,
        /// What is missing or wrong.
        source: EnvironmentError,
    },
}

impl Operator {
    /// The clients of the stack, as its functions have them, with this person's credentials.
    pub async fn look(&self) -> Result<Aws, ContextError> {
        let function = self.function_name(Function::Reconcile);
        let call = self
            .lambda
            .get_function_configuration()
            .function_name(&function);
        let answer = call
            .send()
            .await
            .map_err(|error| CallError::new(OPERATION, error))?;
        let variables = answer
            .environment()
            .and_then(|environment| environment.variables())
            .cloned()
            .unwrap_or_default();
        let region = answer.function_arn().and_then(|arn| arn.split(':').nth(3));
        let described = stack(|name| variable(name, &variables, region));
        let (stack, names) =
            described.map_err(|source| ContextError::Environment { function, source })?;
        Ok(Aws::new(&self.config, stack, names))
    }
}

/// A variable as the function sees it: its Region is one of those that Lambda adds itself.
fn variable(
    name: &str,
    variables: &HashMap<String, String>,
    region: Option<&str>,
) -> Option<String> {
    match name {
        "AWS_REGION" => region.map(str::to_owned),
        _ => variables.get(name).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_functions_own() {
        let variables = [("ENVIRONMENT", "nonprod"), ("AWS_REGION", "of a variable")];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let value = |name| variable(name, &variables, Some("us-gov-west-1"));
        assert_eq!(value("AWS_REGION").as_deref(), Some("us-gov-west-1"));
        assert_eq!(value("ENVIRONMENT").as_deref(), Some("nonprod"));
        assert_eq!(value("KEY_ARN"), None);
    }
}
