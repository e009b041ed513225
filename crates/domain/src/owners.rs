//! Whose base AMIs and components the images may be made of.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::names::{AccountId, NameError};

/// An owner of AMIs or components.
///
/// For AMIs EC2 gives the words (API reference, `ImageOwnerAlias`), for components it is the account in
/// their ARN (Image Builder API reference, `componentArn`). A name or a description never decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The building account.
    Myself,
    /// Amazon.
    Amazon,
    /// The sellers of AWS Marketplace.
    Marketplace,
    /// The vendors whose components Image Builder offers; no AMI has this owner.
    ThirdParty,
    /// An account.
    Account(AccountId),
}

impl Owner {
    /// The owner that Image Builder writes into an ARN, in the place of the account; none if it is
    /// none that we know.
    pub fn in_arn(text: &str, account: &AccountId) -> Option<Self> {
        match text {
            "aws" => Some(Self::Amazon),
            "aws-marketplace" => Some(Self::Marketplace),
            "third-party" => Some(Self::ThirdParty),
            own if own == account.as_str() => Some(Self::Myself),
            other => other.parse().ok().map(Self::Account),
        }
    }
}

impl FromStr for Owner {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "self" => Ok(Self::Myself),
            "amazon" => Ok(Self::Amazon),
            "aws-marketplace" => Ok(Self::Marketplace),
            "third-party" => Ok(Self::ThirdParty),
            other => other.parse().map(Self::Account).map_err(|_| NameError {
                found: other.to_owned(),
                expected: "`self`, `amazon`, `aws-marketplace`, `third-party` or an account id of 12 digits",
            }),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Myself => f.write_str("self"),
            Self::Amazon => f.write_str("amazon"),
            Self::Marketplace => f.write_str("aws-marketplace"),
            Self::ThirdParty => f.write_str("third-party"),
            Self::Account(account) => account.fmt(f),
        }
    }
}

/// The owners that a document allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners(BTreeSet<Owner>);

impl Owners {
    /// Whether one of them is allowed; what has several owners' names needs one of those only.
    pub fn allow<'a>(&self, any_of: impl IntoIterator<Item = &'a Owner>) -> bool {
        any_of.into_iter().any(|owner| self.0.contains(owner))
    }
}

impl Default for Owners {
    /// The building account and Amazon: everybody else has to be named.
    fn default() -> Self {
        [Owner::Myself, Owner::Amazon].into_iter().collect()
    }
}

impl FromIterator<Owner> for Owners {
    fn from_iter<T: IntoIterator<Item = Owner>>(owners: T) -> Self {
        Self(owners.into_iter().collect())
    }
}

impl fmt::Display for Owners {
    /// As the document lists them: `self`, `amazon`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owners = self.0.iter().map(|owner| format!("`{owner}`"));
        f.write_str(&owners.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for text in [
            "self",
            "amazon",
            "aws-marketplace",
            "third-party",
            "309956199498",
        ] {
            assert_eq!(text.parse::<Owner>().expect("an owner").to_string(), text);
        }
        for text in ["", "Amazon", "aws", "all", "*", "12345678901", "amazon "] {
            assert!(text.parse::<Owner>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_arn_has_the_owner_in_the_place_of_the_account() {
        let account: AccountId = "111122223333".parse().expect("an account");
        let owner = |text| Owner::in_arn(text, &account).map(|owner| owner.to_string());
        assert_eq!(owner("aws").as_deref(), Some("amazon"));
        assert_eq!(owner("111122223333").as_deref(), Some("self"));
        assert_eq!(owner("999999999999").as_deref(), Some("999999999999"));
        assert_eq!(owner("aws-marketplace").as_deref(), Some("aws-marketplace"));
        assert_eq!(owner("third-party").as_deref(), Some("third-party"));
        for unknown in ["amazon", "aws-evil", "", "self"] {
            assert_eq!(owner(unknown), None, "{unknown}");
        }
    }
}
