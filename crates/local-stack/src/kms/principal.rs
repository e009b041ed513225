//! The principals of a key policy: which of them KMS takes.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use iam_policy::{Policy, Principal, Principals};

use super::refusal::Refusal;

/// What KMS says whichever principal it does not know.
const INVALID: &str = "Policy contains a statement with one or more invalid principals.";

/// Whom `text` names in the partition of the embedded AWS.
pub(super) fn read(text: &str) -> Option<Principal<'_>> {
    let is_elsewhere = text.starts_with("arn:") && !text.starts_with("arn:aws:");
    Principal::read(text).filter(|_| !is_elsewhere)
}

/// The AWS principals of a policy that somebody wants to write, after those of other kinds were
/// checked. Whether the principals exist is for IAM to say.
pub(super) fn of_new(policy: &Policy) -> Result<Vec<(&str, Principal<'_>)>, Refusal> {
    let mut found = Vec::new();
    for principals in policy
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref())
    {
        check_kinds(principals)?;
        for text in principals.aws() {
            found.push((text.as_str(), read(text).ok_or_else(invalid)?));
        }
    }
    Ok(found)
}

/// The refusal of a principal that does not exist.
pub(super) fn invalid() -> Refusal {
    Refusal::malformed(INVALID)
}

fn check_kinds(principals: &Principals) -> Result<(), Refusal> {
    let kinds = match principals {
        Principals::Text(text) if text == "*" => return Ok(()),
        Principals::Text(_) => return Err(invalid()),
        Principals::ByKind(kinds) => kinds,
    };
    for (kind, texts) in kinds {
        match kind.as_str() {
            "AWS" => {}
            "Service" if texts.iter().all(|text| is_service(text)) => {}
            "Service" => return Err(invalid()),
            "Federated" | "CanonicalUser" => {
                return Err(Refusal::unsupported(&format!(
                    "the kind of principal {kind} in a key policy"
                )));
            }
            other => {
                return Err(Refusal::malformed(format!(
                    "{other} is no kind of principal"
                )));
            }
        }
    }
    Ok(())
}

fn is_service(text: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|suffix| {
            text.strip_suffix(suffix)
                .is_some_and(|name| !name.is_empty() && !name.contains(['*', '/', ':']))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_of_another_partition_is_none() {
        let account = Some(Principal::Account("111122223333"));
        assert_eq!(read("arn:aws:iam::111122223333:root"), account);
        assert_eq!(read("111122223333"), account);
        assert_eq!(read("arn:aws-cn:iam::111122223333:root"), None);
    }
}
