//! Whether `goldsmith verify` could act in each consumer's account.

use goldsmith_aws::operator::{Caller, ConsumerRole};

use super::model::Check;
use crate::shell::word;

/// The check of the roles; `caller` is who wants to assume them, `dir` the folder as an argument.
pub fn check(
    roles: &[ConsumerRole],
    unknown_blocks: bool,
    caller: Option<&Caller>,
    dir: &str,
) -> Check {
    let refused: Vec<&ConsumerRole> = roles.iter().filter(|one| one.role.is_err()).collect();
    let accounts = |number: usize| match number {
        1 => "1 account".to_owned(),
        number => format!("{number} accounts"),
    };
    let Some(first) = refused.first() else {
        return match roles.len() {
            0 => Check::ok(
                "consumers",
                "the documents name no account but the builder's",
            ),
            number => {
                let found = format!("a role can be assumed in {}", accounts(number));
                Check::ok("consumers", found)
            }
        };
    };
    let why = first.role.as_ref().err().map_or("", String::as_str);
    let found = format!(
        "no role can be assumed in {} of {}, so `goldsmith verify` knows nothing there; account {}: {why}",
        refused.len(),
        accounts(roles.len()),
        first.account,
    );
    let remedy = caller.and_then(|caller| role_of(&caller.arn)).map_or_else(
        || "docs/verify.md".to_owned(),
        |role| {
            let account = &first.account;
            format!(
                "goldsmith consumer {account} {dir} --verifier {}",
                word(&role)
            )
        },
    );
    if unknown_blocks {
        Check::failed("consumers", found, remedy)
    } else {
        Check::warning("consumers", found, remedy)
    }
}

/// The role of a session, as a trust policy names it; a path of it is not in the session's ARN (IAM user guide, "IAM
/// identifiers"). None for what is no role.
fn role_of(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, "sts", _, account, resource] = parts[..] else {
        return None;
    };
    let role = resource.strip_prefix("assumed-role/")?.split('/').next()?;
    Some(format!("arn:{partition}:iam::{account}:role/{role}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::model::State;
    use crate::render::samples::parsed;

    fn role(account: &str, refused: Option<&str>) -> ConsumerRole {
        let arn = format!("arn:aws:iam::{account}:role/goldsmith-nonprod-verify");
        ConsumerRole {
            account: parsed(account),
            role: refused.map_or_else(|| Ok(parsed(&arn)), |why| Err(why.to_owned())),
        }
    }

    #[test]
    fn an_account_without_a_role_is_named_with_what_makes_one() {
        let roles = [
            role("222222222222", None),
            role("333333333333", Some("denied")),
        ];
        let caller = Caller {
            arn: "arn:aws-us-gov:sts::111122223333:assumed-role/admin/jane".to_owned(),
            account: "111122223333".to_owned(),
        };
        let check = check(&roles, false, Some(&caller), "ami-versions/nonprod");
        assert_eq!(
            check,
            Check::warning(
                "consumers",
                "no role can be assumed in 1 of 2 accounts, so `goldsmith verify` knows nothing there; account \
                 333333333333: denied",
                "goldsmith consumer 333333333333 ami-versions/nonprod --verifier \
                 arn:aws-us-gov:iam::111122223333:role/admin",
            )
        );
    }

    #[test]
    fn where_unknown_blocks_it_is_a_failure_and_a_user_is_shown_the_page() {
        let caller = Caller {
            arn: "arn:aws:iam::111122223333:user/jane".to_owned(),
            account: "111122223333".to_owned(),
        };
        let roles = [role("333333333333", Some("denied"))];
        let check = check(&roles, true, Some(&caller), ".");
        assert_eq!(
            (check.state, check.remedy.as_deref()),
            (State::Failed, Some("docs/verify.md"))
        );
        let fine = super::check(&roles[..0], true, None, ".");
        assert_eq!(fine.state, State::Ok);
    }
}
