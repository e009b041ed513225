//! What can be a key policy, beyond what every policy is.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>

use iam_policy::{Policy, Principals, Statement};

/// The largest key policy, in bytes: 32 KB.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MAX_BYTES: usize = 32_768;

/// What is wrong with the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyError {
    /// More than 32,768 bytes.
    #[error("The key policy has {0} bytes, the limit is {MAX_BYTES}")]
    TooLong(usize),
    /// A character that KMS does not take.
    #[error(
        "The key policy has the character {0:?}, which is neither tab, line feed, carriage return nor U+0020 to U+00FF"
    )]
    Character(char),
    /// Not JSON, or not a policy.
    #[error("The policy is not well-formed: {0}")]
    Shape(String),
    /// A statement names nobody.
    #[error("Policy contains a statement with no principal.")]
    Nobody,
}

/// Reads an identity policy, or a key policy as it is now.
pub(super) fn read(text: &str) -> Result<Policy, PolicyError> {
    let policy = Policy::parse(text).map_err(|error| PolicyError::Shape(error.to_string()))?;
    if policy
        .statements
        .iter()
        .any(|one| one.not_principal.is_some())
    {
        return Err(PolicyError::Shape(
            "NotPrincipal is not supported".to_owned(),
        ));
    }
    Ok(policy)
}

/// Reads a key policy that somebody wants to write.
pub(super) fn read_new(text: &str) -> Result<Policy, PolicyError> {
    if text.len() > MAX_BYTES {
        return Err(PolicyError::TooLong(text.len()));
    }
    if let Some(foreign) = text.chars().find(|&one| !is_allowed(one)) {
        return Err(PolicyError::Character(foreign));
    }
    let policy = read(text)?;
    if policy.statements.is_empty() {
        return Err(PolicyError::Shape("no statement in it".to_owned()));
    }
    policy.statements.iter().try_for_each(check)?;
    Ok(policy)
}

/// The `Policy` parameter of
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_RequestSyntax>.
fn is_allowed(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}

fn check(statement: &Statement) -> Result<(), PolicyError> {
    let twice = |what: &str| {
        Err(PolicyError::Shape(format!(
            "both {what} and Not{what} in a statement"
        )))
    };
    if statement.action.is_some() && statement.not_action.is_some() {
        return twice("Action");
    }
    if statement.resource.is_some() && statement.not_resource.is_some() {
        return twice("Resource");
    }
    match &statement.principal {
        Some(Principals::ByKind(kinds)) if kinds.values().all(Vec::is_empty) => {
            Err(PolicyError::Nobody)
        }
        Some(_) => Ok(()),
        None => Err(PolicyError::Nobody),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str =
        r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;

    fn policy_of(bytes: usize) -> String {
        let (start, end) = (r#"{"Id":""#, format!(r#"","Statement":{ROOT}}}"#));
        start.to_owned() + &"x".repeat(bytes - start.len() - end.len()) + &end
    }

    #[test]
    fn a_policy_has_32768_bytes_at_most() {
        assert!(read_new(&policy_of(32_768)).is_ok());
        assert_eq!(
            read_new(&policy_of(32_769)),
            Err(PolicyError::TooLong(32_769))
        );
    }

    #[test]
    fn a_policy_is_latin_1() {
        let with = |text: &str| format!(r#"{{"Id":"{text}","Statement":[{ROOT}]}}"#);
        assert!(read_new(&with("Schlüssel\u{ff}")).is_ok());
        assert_eq!(
            read_new(&with("\u{100}")),
            Err(PolicyError::Character('\u{100}'))
        );
        assert_eq!(
            read_new(&with("\u{7}")),
            Err(PolicyError::Character('\u{7}'))
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let refused = |text: &str| read_new(text).is_err();
        assert!(refused("{"));
        assert!(refused("[]"));
        assert!(refused(r#"{"Statement":[]}"#));
        assert!(refused(&format!(
            r#"{{"Version":"2020-01-01","Statement":[{ROOT}]}}"#
        )));
        assert!(refused(&format!(r#"{{"Statements":[{ROOT}]}}"#)));
        assert!(refused(&format!(
            r#"{{"Statement":[{}]}}"#,
            ROOT.replace("Allow", "Permit")
        )));
        assert!(refused(&format!(
            r#"{{"Statement":[{}]}}"#,
            ROOT.replace("Action", "Actions")
        )));
        assert!(refused(&format!(
            r#"{{"Statement":[{}]}}"#,
            ROOT.replace("Principal", "NotPrincipal")
        )));
        let nobody = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
        assert_eq!(read_new(nobody), Err(PolicyError::Nobody));
    }
}
