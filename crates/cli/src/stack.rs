//! Which stack a command is about.

use goldsmith_aws::operator::{Operator, StackName, Unconfigured};
use goldsmith_domain::names::NameError;

use crate::arguments::Stack;
use crate::error::Hint;

/// The variable that names the stack where `--against` does not.
const VARIABLE: &str = "GOLDSMITH_STACK";

/// There are no clients for the stack that a command is about.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// No stack is named.
    #[error("no stack is named")]
    Unnamed,
    /// The name is wrong.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Region or credentials are missing.
    #[error(transparent)]
    Unconfigured(#[from] Unconfigured),
}

impl Hint for StackError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unnamed => {
                Some("pass --against goldsmith-<environment>, or set GOLDSMITH_STACK".to_owned())
            }
            Self::Name(_) => None,
            Self::Unconfigured(error) => error.hint(),
        }
    }
}

/// The stack that the caller names, if one is named.
pub fn named(against: Option<&str>) -> Result<Option<StackName>, NameError> {
    let variable = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let name = against.map(str::to_owned).or(variable);
    name.map(|name| name.parse()).transpose()
}

/// The caller's clients of the stack that is named.
pub async fn operator(stack: &Stack) -> Result<Operator, StackError> {
    let stack = named(stack.against.as_deref())?.ok_or(StackError::Unnamed)?;
    Ok(Operator::from_env(stack).await?)
}
