//! Which stack a command is about.

use goldsmith_aws::operator::{Operator, StackName};

use crate::arguments::Stack;
use crate::failure::Failure;

/// The variable that names the stack where `--against` does not.
const VARIABLE: &str = "GOLDSMITH_STACK";

/// The stack that the caller names, if one is named.
pub fn named(against: Option<&str>) -> Result<Option<StackName>, Failure> {
    let variable = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let name = against.map(str::to_owned).or(variable);
    Ok(name.map(|name| name.parse()).transpose()?)
}

/// The caller's clients of the stack that is named.
pub async fn operator(stack: &Stack) -> Result<Operator, Failure> {
    let stack = named(stack.against.as_deref())?.ok_or(Failure::NoStack)?;
    Ok(Operator::from_env(stack).await?)
}
