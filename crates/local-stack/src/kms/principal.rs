//! The principals of a key policy: which there are, and what their text says.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::policy::{Many, Policy, Principals};
use super::refusal::Refusal;

/// What KMS says whichever principal it does not know.
const INVALID: &str = "Policy contains a statement with one or more invalid principals.";

/// Whom a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Principal {
    /// `*`.
    Everyone,
    /// An account, by its root or its number.
    Account(String),
    /// A role, service-linked ones too.
    Role { account: String, name: String },
    /// A user.
    User { account: String, name: String },
    /// One session of a role.
    Session { account: String, role: String },
}

impl Principal {
    /// What `text` names; nothing if it is no principal, such as the `AROA...` of a deleted role, a
    /// group, or an ARN with a wildcard.
    pub fn read(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everyone);
        }
        if is_account(text) {
            return Some(Self::Account(text.to_owned()));
        }
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let [
            "arn",
            "aws",
            service @ ("iam" | "sts"),
            "",
            account,
            resource,
        ] = parts[..]
        else {
            return None;
        };
        let resource = Some(resource).filter(|text| !text.contains(['*', '?']))?;
        is_account(account).then(|| Self::of(service, account.to_owned(), resource))?
    }

    fn of(service: &str, account: String, resource: &str) -> Option<Self> {
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let name = rest
            .rsplit('/')
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        match (service, kind) {
            ("iam", "root") if rest.is_empty() => Some(Self::Account(account)),
            ("iam", "role") => Some(Self::Role {
                account,
                name: name?,
            }),
            ("iam", "user") => Some(Self::User {
                account,
                name: name?,
            }),
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/')?;
                (!session.is_empty()).then(|| Self::Session {
                    account,
                    role: role.to_owned(),
                })
            }
            _ => None,
        }
    }

    /// Its account, unless it is everyone.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Everyone => None,
            Self::Account(account)
            | Self::Role { account, .. }
            | Self::User { account, .. }
            | Self::Session { account, .. } => Some(account),
        }
    }
}

/// Whether it is an account's twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Principals {
    /// The texts that name accounts, roles and users.
    pub fn aws(&self) -> &[String] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::ByKind(kinds) => kinds.get("AWS").map_or(&[], |Many(texts)| texts),
        }
    }
}

/// The AWS principals of a policy that somebody wants to write, after those of other kinds were
/// checked. Whether the principals exist is for IAM to say.
pub(super) fn of_new(policy: &Policy) -> Result<Vec<(&str, Principal)>, Refusal> {
    let mut found = Vec::new();
    for principals in policy
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref())
    {
        check_kinds(principals)?;
        for text in principals.aws() {
            found.push((text.as_str(), Principal::read(text).ok_or_else(invalid)?));
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
    for (kind, Many(texts)) in kinds {
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
    fn a_principal_is_read_from_its_arn() {
        let account = || "111122223333".to_owned();
        let role = |name: &str| Principal::Role {
            account: account(),
            name: name.to_owned(),
        };
        for (text, expected) in [
            ("*", Some(Principal::Everyone)),
            ("111122223333", Some(Principal::Account(account()))),
            (
                "arn:aws:iam::111122223333:root",
                Some(Principal::Account(account())),
            ),
            (
                "arn:aws:iam::111122223333:role/launch",
                Some(role("launch")),
            ),
            (
                "arn:aws:iam::111122223333:role/team/launch",
                Some(role("launch")),
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/launch/me",
                Some(Principal::Session {
                    account: account(),
                    role: "launch".to_owned(),
                }),
            ),
            // What a deleted role leaves, another partition, a wildcard, a group, a short account.
            ("AROAEXAMPLEEXAMPLE00", None),
            ("arn:aws-cn:iam::111122223333:root", None),
            ("arn:aws:iam::111122223333:role/*", None),
            ("arn:aws:iam::111122223333:role/", None),
            ("arn:aws:iam::111122223333:group/all", None),
            ("arn:aws:iam::1111:root", None),
        ] {
            assert_eq!(Principal::read(text), expected, "{text}");
        }
    }
}
