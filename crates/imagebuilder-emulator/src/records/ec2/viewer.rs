//! Who looks: an account, and its place in an organization.

use std::collections::BTreeMap;

use crate::records::ec2::account::Account;

/// An account as launch permissions see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// Twelve digits.
    pub account: &'a str,
    path: Option<&'a str>,
}

impl<'a> Viewer<'a> {
    /// An account, with its place in its organization if one is known.
    pub fn new(account: &'a str, accounts: &'a BTreeMap<String, Account>) -> Self {
        Self {
            account,
            path: accounts
                .get(account)
                .and_then(|account| account.path.as_deref()),
        }
    }

    /// Whether an account is meant alone, without where it belongs to.
    pub fn alone(account: &'a str) -> Self {
        Self {
            account,
            path: None,
        }
    }

    /// Whether it is in the organization
    /// `arn:aws:organizations::<account>:organization/o-a1b2c3d4e5`.
    pub fn is_in_organization(&self, arn: &str) -> bool {
        self.places()
            .next()
            .is_some_and(|first| arn.rsplit('/').next() == Some(first))
    }

    /// Whether it is in the unit
    /// `arn:aws:organizations::<account>:ou/o-a1b2c3d4e5/ou-ab12-11111111`, or in one below.
    pub fn is_in_unit(&self, arn: &str) -> bool {
        let mut parts = arn.rsplit('/');
        let (unit, organization) = (parts.next(), parts.next());
        let mut places = self.places();
        places.next() == organization && places.any(|place| Some(place) == unit)
    }

    fn places(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.path
            .into_iter()
            .flat_map(|path| path.split('/'))
            .filter(|place| !place.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_holds_the_accounts_of_the_units_in_it() {
        let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/".to_owned();
        let member = Account {
            path: Some(path),
            ..Account::default()
        };
        let accounts = BTreeMap::from([("222222222222".to_owned(), member)]);
        let arn = |resource: &str| format!("arn:aws:organizations::999999999999:{resource}");
        let viewer = Viewer::new("222222222222", &accounts);
        assert!(viewer.is_in_organization(&arn("organization/o-a1b2c3d4e5")));
        assert!(!viewer.is_in_organization(&arn("organization/o-other")));
        for (unit, is_in) in [
            ("ou/o-a1b2c3d4e5/ou-ab12-11111111", true),
            ("ou/o-a1b2c3d4e5/ou-ab12-22222222", true),
            ("ou/o-a1b2c3d4e5/ou-ab12-33333333", false),
            ("ou/o-other/ou-ab12-22222222", false),
        ] {
            assert_eq!(viewer.is_in_unit(&arn(unit)), is_in, "{unit}");
        }
        let stranger = Viewer::new("333333333333", &accounts);
        assert!(!stranger.is_in_unit(&arn("ou/o-a1b2c3d4e5/ou-ab12-11111111")));
        assert!(!stranger.is_in_organization(&arn("organization/o-a1b2c3d4e5")));
    }
}
