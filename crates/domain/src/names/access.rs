//! Names of who may use an image: roles and organizations.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountId, NameError, arn_resource, is_account};

name!(
    /// The ARN of an IAM role, with its path if it has one.
    RoleArn,
    "a role ARN, such as `arn:aws:iam::222222222222:role/launch`",
    is_role_arn
);
name!(
    /// The ARN of an IAM role, or of all roles that identity center makes for a permission set: its
    /// suffix changes with every assignment, so it may be `*`, and nothing else may (IAM Identity Center
    /// user guide, "Referencing permission sets in resource policies").
    ///
    /// A `*` also stands for an underscore: that of permission set `Deploy` lets in `Deploy_Admin`.
    RolePattern,
    "a role ARN, such as `arn:aws:iam::222222222222:role/launch`, or that of a permission set, which ends in \
     `role/aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_<name>_*`",
    is_role_pattern
);
name!(
    /// The ARN of an organization or of an organizational unit (Organizations API reference,
    /// `Organization` and `OrganizationalUnit`).
    OrganizationArn,
    "the ARN of an organization or organizational unit, such as \
     `arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111`",
    is_organization_arn
);
name!(
    /// The path of an organization or organizational unit, as `aws:PrincipalOrgPaths` is matched against:
    /// `o-a1b2c3d4e5/*`, or `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*` (IAM user guide, "AWS global condition
    /// context keys").
    OrganizationPath,
    "an organization path, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    is_organization_path
);

impl RoleArn {
    /// The account the role lives in.
    pub fn account(&self) -> Option<AccountId> {
        self.0.split(':').nth(4)?.parse().ok()
    }

    /// Whether it is a role that a service has made for itself, which only that service assumes (IAM
    /// user guide, "Create a service-linked role").
    pub fn is_service_linked(&self) -> bool {
        self.0.contains(":role/aws-service-role/")
    }
}

impl RolePattern {
    /// The account the role lives in.
    pub fn account(&self) -> Option<AccountId> {
        self.0.split(':').nth(4)?.parse().ok()
    }
}

impl OrganizationArn {
    /// The id of the organization, such as `o-a1b2c3d4e5`.
    pub fn organization(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// The id of the organizational unit, such as `ou-ab12-11111111`; none if it is all of an
    /// organization.
    pub fn unit(&self) -> Option<&str> {
        self.0.split('/').nth(2)
    }
}

impl OrganizationPath {
    /// The path of all of the organization that `arn` is of.
    pub fn whole(arn: &OrganizationArn) -> Self {
        Self(format!("{}/*", arn.organization()))
    }

    /// The id of the organization, such as `o-a1b2c3d4e5`.
    pub fn organization(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The id of the organizational unit that it ends in, if it does.
    pub fn unit(&self) -> Option<&str> {
        self.0.rsplit('/').nth(1).filter(|part| is_unit_id(part))
    }
}

/// `arn:<partition>:iam::<account>:role/`, a path, and a name of at most 64 characters. A path has at most 512
/// (IAM API reference, `Role`). Its characters are those that Image Builder's `RoleNameOrArn` takes: IAM allows
/// more in a path, and `*` among them, which would be a wildcard in a policy.
fn is_role_arn(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@-_".contains(&b);
    let part = |part: &str| !part.is_empty() && part.bytes().all(allowed);
    let fits = |role: &str| {
        let name = role.rsplit('/').next().unwrap_or_default().len();
        name <= 64 && role.len() - name < 512 && role.split('/').all(part)
    };
    is_global(text)
        && arn_resource(text, "iam")
            .and_then(|resource| resource.strip_prefix("role/"))
            .is_some_and(fits)
}

/// Whether it is the ARN of something of an account that is in no Region.
fn is_global(text: &str) -> bool {
    let mut place = text.split(':').skip(3);
    place.next() == Some("") && place.next().is_some_and(is_account)
}

/// A role ARN that ends in `_*` only if identity center makes the role: nobody else makes one below
/// `aws-reserved`.
fn is_role_pattern(text: &str) -> bool {
    let Some(fixed) = text.strip_suffix('*') else {
        return is_role_arn(text);
    };
    let name = fixed.rsplit('/').next().unwrap_or_default();
    let set = name
        .strip_prefix("AWSReservedSSO_")
        .and_then(|rest| rest.strip_suffix('_'));
    set.is_some_and(|set| !set.is_empty())
        && fixed.contains(":role/aws-reserved/sso.amazonaws.com/")
        && is_role_arn(&format!("{fixed}0123456789abcdef"))
}

fn is_organization_arn(text: &str) -> bool {
    let Some(resource) = arn_resource(text, "organizations") else {
        return false;
    };
    is_global(text)
        && match resource.split('/').collect::<Vec<_>>().as_slice() {
            ["organization", organization] => is_organization_id(organization),
            ["ou", organization, unit] => is_organization_id(organization) && is_unit_id(unit),
            _ => false,
        }
}

fn is_organization_path(text: &str) -> bool {
    let Some(path) = text.strip_suffix("/*") else {
        return false;
    };
    let mut parts = path.split('/');
    let organization = parts.next().is_some_and(is_organization_id);
    let is_root = |part: &str| part.strip_prefix("r-").is_some_and(|id| is_id(id, 4));
    let root = parts.next().is_none_or(is_root);
    let units: Vec<&str> = parts.collect();
    organization && root && units.len() <= MOST_UNITS && units.into_iter().all(is_unit_id)
}

/// How deep units may be nested below a root (Organizations user guide, quotas).
const MOST_UNITS: usize = 5;

/// `o-` and 10 to 32 characters (Organizations API reference, `Organization`).
fn is_organization_id(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| is_id(id, 10))
}

/// `ou-`, 4 to 32 characters of the root's id, `-`, and 8 to 32 characters (Organizations API reference,
/// `OrganizationalUnit`).
fn is_unit_id(text: &str) -> bool {
    let id = text.strip_prefix("ou-").and_then(|id| id.split_once('-'));
    id.is_some_and(|(root, unit)| is_id(root, 4) && is_id(unit, 8))
}

fn is_id(text: &str, shortest: usize) -> bool {
    (shortest..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn role_arns_keep_their_path_and_account() {
        let role: RoleArn = "arn:aws:iam::222222222222:role/teams/mstr-launch"
            .parse()
            .expect("a role ARN");
        assert_eq!(
            role.account().map(String::from),
            Some("222222222222".to_owned())
        );
        assert!(
            !is::<RoleArn>("arn:aws:iam::2222:role/x")
                && !is::<RoleArn>("arn:aws:iam::222222222222:user/x")
        );
    }

    #[test]
    fn service_linked_roles_are_recognised_by_their_path() {
        let linked = |path: &str| {
            let arn = format!("arn:aws:iam::222222222222:role/{path}");
            arn.parse::<RoleArn>()
                .expect("a role ARN")
                .is_service_linked()
        };
        assert!(linked(
            "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        ));
        assert!(!linked("AWSServiceRoleForAutoScaling") && !linked("x/aws-service-role/y/z"));
    }

    #[test]
    fn a_role_pattern_has_a_star_only_for_the_suffix_of_a_permission_set() {
        let is = |path: &str| is::<RolePattern>(&format!("arn:aws:iam::222222222222:role/{path}"));
        assert!(is("launch") && is("teams/bi/launch"));
        assert!(is("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_*"));
        assert!(is(
            "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Deploy_Admin_*"
        ));
        assert!(is(
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_0123456789abcdef"
        ));
        for path in [
            "*",
            "launch*",
            "teams/*/launch",
            "AWSReservedSSO_Deploy_*",
            "aws-reserved/sso.amazonaws.com/*",
            "aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Deploy_*",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_*",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO__*",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy*",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_?",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_**",
        ] {
            assert!(!is(path), "{path}");
        }
        assert!("arn:aws:iam::*:role/launch".parse::<RolePattern>().is_err());
    }

    #[test]
    fn an_organization_arn_is_of_an_organization_or_of_a_unit() {
        let whole: OrganizationArn =
            "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5"
                .parse()
                .expect("an ARN");
        assert_eq!((whole.organization(), whole.unit()), ("o-a1b2c3d4e5", None));
        let unit: OrganizationArn =
            "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-11111111"
                .parse()
                .expect("an ARN");
        assert_eq!(
            (unit.organization(), unit.unit()),
            ("o-a1b2c3d4e5", Some("ou-ab12-11111111"))
        );
        assert_eq!(OrganizationPath::whole(&unit).as_str(), "o-a1b2c3d4e5/*");
        for arn in [
            "o-a1b2c3d4e5",
            "arn:aws:organizations::111122223333:organization/o-a1b2c3d4e",
            "arn:aws:organizations::111122223333:organization/o-A1b2c3d4e5",
            "arn:aws:organizations::1111:organization/o-a1b2c3d4e5",
            "arn:aws:organizations:us-east-1:111122223333:organization/o-a1b2c3d4e5",
            "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-1111111",
            "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12",
            "arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5",
            "arn:aws:organizations::111122223333:account/o-a1b2c3d4e5/222222222222",
            "arn:aws:iam::111122223333:organization/o-a1b2c3d4e5",
        ] {
            assert!(!is::<OrganizationArn>(arn), "{arn}");
        }
    }

    #[test]
    fn an_organization_path_leads_from_the_organization_over_the_root_and_ends_in_a_star() {
        let path = |text: &str| text.parse::<OrganizationPath>().expect("a path");
        let deep = path("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/*");
        assert_eq!(
            (deep.organization(), deep.unit()),
            ("o-a1b2c3d4e5", Some("ou-ab12-22222222"))
        );
        assert_eq!(path("o-a1b2c3d4e5/*").unit(), None);
        assert_eq!(path("o-a1b2c3d4e5/r-ab12/*").unit(), None);
        for text in [
            "*",
            "/*",
            "o-a1b2c3d4e5",
            "o-a1b2c3d4e5/",
            "o-a1b2c3d4e5*",
            "o-*/*",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-*/*",
            "o-a1b2c3d4e5/r-ab12/*/*",
            "o-a1b2c3d4e5/ou-ab12-11111111/*",
            "r-ab12/ou-ab12-11111111/*",
        ] {
            assert!(!is::<OrganizationPath>(text), "{text}");
        }
    }
}
