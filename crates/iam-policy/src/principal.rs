//! Principals: which there are, and whom a policy names (IAM User Guide, "AWS JSON policy elements:
//! Principal" and "AWS JSON policy elements:
//! `NotPrincipal`").

use crate::document::{Effect, Principals, Statement};
use crate::truth::Truth;

/// The AWS principal that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// `*`.
    Everyone,
    /// An account, by its root or its number.
    Account(&'a str),
    /// A role, service-linked ones too.
    Role {
        /// Its account.
        account: &'a str,
        /// Its name, without a path.
        name: &'a str,
    },
    /// A user.
    User {
        /// Its account.
        account: &'a str,
        /// Its name, without a path.
        name: &'a str,
    },
    /// One session of a role.
    Session {
        /// Its account.
        account: &'a str,
        /// The role's name.
        role: &'a str,
    },
}

impl<'a> Principal<'a> {
    /// Reads a principal of any partition. Other texts name nobody: the unique id of a deleted role, a
    /// group, or an ARN with a wildcard.
    pub fn read(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everyone);
        }
        if is_account(text) {
            return Some(Self::Account(text));
        }
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", _, service, "", account, resource] = parts[..] else {
            return None;
        };
        let is_readable = is_account(account) && !resource.contains(['*', '?']);
        is_readable.then(|| Self::of(service, account, resource))?
    }

    fn of(service: &str, account: &'a str, resource: &'a str) -> Option<Self> {
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let name = rest.rsplit('/').next().filter(|name| !name.is_empty());
        match (service, kind) {
            ("iam", "root") if rest.is_empty() => Some(Self::Account(account)),
            ("iam", "role") => name.map(|name| Self::Role { account, name }),
            ("iam", "user") => name.map(|name| Self::User { account, name }),
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/')?;
                (!session.is_empty()).then_some(Self::Session { account, role })
            }
            _ => None,
        }
    }

    /// Its account; everyone has none.
    pub fn account(&self) -> Option<&'a str> {
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
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Principals {
    /// Whether they name a role, a user or an account's root, by its ARN. The request of a role is one
    /// of its sessions; which one is not known.
    fn name(&self, requester: &str) -> Truth {
        let by_arn = self.aws().iter().map(|text| names(text, requester));
        by_arn.fold(self.by_other_kinds(), Truth::or)
    }

    /// A service is never the requester. Whether a role's session is a federated one, or who has a
    /// canonical user id, is not known.
    fn by_other_kinds(&self) -> Truth {
        let Self::ByKind(kinds) = self else {
            return Truth::No;
        };
        let other = kinds
            .keys()
            .find(|kind| !matches!(kind.as_str(), "AWS" | "Service"));
        other.map_or(Truth::No, |kind| {
            Truth::Unknown(format!("the principals of kind {kind}"))
        })
    }
}

/// An account stands for all its principals.
fn names(text: &str, requester: &str) -> Truth {
    if text == "*" || text == requester {
        return Truth::Yes;
    }
    match (Principal::read(text), Principal::read(requester)) {
        (Some(Principal::Account(account)), Some(requester)) => {
            Truth::from(requester.account() == Some(account))
        }
        (Some(Principal::Session { account, role }), Some(requester)) => {
            let of_role = Principal::Role {
                account,
                name: role,
            };
            if requester == of_role {
                Truth::Unknown(format!("the session, which may be {text}"))
            } else {
                Truth::No
            }
        }
        _ => Truth::No,
    }
}

impl Statement {
    /// Whether the statement is about this role, user or account's root; without a principal it is
    /// about nobody.
    pub(crate) fn matches_principal(&self, requester: &str) -> Truth {
        match (&self.principal, &self.not_principal) {
            (Some(named), _) => named.name(requester),
            (None, Some(excepted)) => self.is_beyond(excepted, requester),
            (None, None) => Truth::No,
        }
    }

    /// Whether `NotPrincipal` leaves the requester out of its exception. IAM does not support it with
    /// `Allow`. With `Deny` it "might" still deny a named principal: it looks at the account, the role
    /// and the session one by one, and a permissions boundary defeats the exception.
    fn is_beyond(&self, excepted: &Principals, requester: &str) -> Truth {
        let is_root = matches!(Principal::read(requester), Some(Principal::Account(_)));
        match (self.effect, excepted.name(requester)) {
            (Effect::Deny, Truth::No) => Truth::Yes,
            (Effect::Deny, Truth::Yes) if is_root => Truth::No,
            (Effect::Allow | Effect::Deny, _) => Truth::Unknown("NotPrincipal".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_read_from_its_arn() {
        let account = "111122223333";
        let launch = Principal::Role {
            account,
            name: "launch",
        };
        for (text, expected) in [
            ("*", Some(Principal::Everyone)),
            ("111122223333", Some(Principal::Account(account))),
            (
                "arn:aws:iam::111122223333:root",
                Some(Principal::Account(account)),
            ),
            (
                "arn:aws-us-gov:iam::111122223333:root",
                Some(Principal::Account(account)),
            ),
            ("arn:aws:iam::111122223333:role/launch", Some(launch)),
            ("arn:aws:iam::111122223333:role/team/launch", Some(launch)),
            (
                "arn:aws:iam::111122223333:user/anna",
                Some(Principal::User {
                    account,
                    name: "anna",
                }),
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/launch/me",
                Some(Principal::Session {
                    account,
                    role: "launch",
                }),
            ),
            // What a deleted role leaves, a wildcard, a group, a short account.
            ("AROAEXAMPLEEXAMPLE00", None),
            ("arn:aws:iam::111122223333:role/*", None),
            ("arn:aws:iam::111122223333:role/", None),
            ("arn:aws:iam::111122223333:group/all", None),
            ("arn:aws:iam::1111:root", None),
        ] {
            assert_eq!(Principal::read(text), expected, "{text}");
        }
    }
}
