//! Whether consumers are proved able to use an image, before anything names it: how many have to be, and who is
//! left out.
//!
//! What was found in each account and Region is a [`Finding`]. Here it is only counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::finding::{Check, Finding, Status};
use crate::names::{AccountId, NameError};

/// How many of the accounts have to be able to use an image before it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Require {
    /// Each of them.
    All,
    /// This share of them.
    ShareOfAccounts(Share),
}

impl fmt::Display for Require {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::ShareOfAccounts(share) => write!(f, "share-of-accounts {share}"),
        }
    }
}

/// A share above 0 and up to 1, in thousandths: a binary fraction would round the number of accounts up or down by
/// chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(u16);

impl Share {
    /// How many of `accounts` it takes, rounded up: half an account proves nothing.
    pub fn of(self, accounts: usize) -> usize {
        (accounts * usize::from(self.0)).div_ceil(1000)
    }
}

impl FromStr for Share {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| {
            (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let thousandths = || {
            let digits = [whole, &format!("{fraction:0<3}")].concat();
            digits.parse().ok()
        };
        let share = (is_number(whole) && is_number(fraction)).then(thousandths);
        let fits = |share: &u16| (1..=1000).contains(share);
        share
            .flatten()
            .filter(fits)
            .map(Self)
            .ok_or_else(|| NameError {
                found: text.to_owned(),
                expected: "a number above 0 and up to 1 with at most three decimals, such as 0.9",
            })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        f.write_str(thousandths.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// What the documents ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How many accounts.
    pub require: Require,
    /// Whether what could not be found out counts as if it were wrong.
    pub unknown_blocks: bool,
}

/// What was found of one image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// How many accounts were asked.
    pub accounts: usize,
    /// The accounts that cannot use it, or of which that is unknown if the documents say that this counts; each with
    /// the reason.
    pub cannot: BTreeMap<String, String>,
    /// The accounts of which it is not known, and does not count.
    pub unknown: BTreeMap<String, String>,
    /// What no quorum leaves out: the building account's own AMIs, organizations and organizational units.
    pub everywhere: BTreeMap<String, String>,
    /// How many accounts have to be able to use it.
    pub required: usize,
}

impl Proof {
    /// What these findings of an image come to. `excluded` are the accounts that this image is not for.
    pub fn of(findings: &[Finding], rule: Rule, excluded: &BTreeSet<AccountId>) -> Self {
        let mut accounts = BTreeSet::new();
        let mut proof = Self::default();
        for finding in findings {
            let account: Option<AccountId> = finding.consumer.parse().ok();
            let account = account.filter(|_| finding.check != Check::Ami);
            if account.as_ref().is_some_and(|id| excluded.contains(id)) {
                continue;
            }
            let place = match (&account, blocks(finding.status, rule)) {
                (_, None) => None,
                (None, Some(true)) => Some(&mut proof.everywhere),
                (Some(_), Some(true)) => Some(&mut proof.cannot),
                (_, Some(false)) => Some(&mut proof.unknown),
            };
            // The first reason is enough for a sentence; `goldsmith verify` shows all of them.
            place.map(|place| {
                place
                    .entry(finding.consumer.clone())
                    .or_insert_with(|| reason(finding))
            });
            accounts.extend(account);
        }
        proof.unknown.retain(|of, _| !proof.cannot.contains_key(of));
        proof.accounts = accounts.len();
        proof.required = match rule.require {
            Require::All => accounts.len(),
            Require::ShareOfAccounts(share) => share.of(accounts.len()),
        };
        proof
    }

    /// Whether enough of them can use it.
    pub fn passes(&self) -> bool {
        self.everywhere.is_empty() && self.able() >= self.required
    }

    /// How many accounts can use it, or were not seen to be unable.
    pub fn able(&self) -> usize {
        self.accounts - self.cannot.len()
    }

    /// The accounts that are left out if it is published all the same: those that cannot use it, and those of which
    /// that is unknown.
    pub fn left_out(&self) -> LeftOut {
        // An organization is no account: `goldsmith verify` tells of it.
        let is_account = |id: &&String| id.parse::<AccountId>().is_ok();
        let names = |of: &BTreeMap<String, String>| of.keys().filter(is_account).cloned().collect();
        LeftOut {
            cannot: names(&self.cannot),
            unknown: names(&self.unknown),
        }
    }

    /// Why it does not pass, each consumer with its reason.
    pub fn reasons(&self) -> String {
        /// A sentence with more reasons is read by nobody.
        const MOST: usize = 5;
        let all = self.everywhere.iter().chain(&self.cannot);
        let told: Vec<String> = all.map(|(who, why)| format!("{who} {why}")).collect();
        let more = told.len().saturating_sub(MOST);
        let text = told[..told.len() - more].join("; ");
        match more {
            0 => text,
            more => format!("{text}; and {more} more"),
        }
    }
}

/// Whether a finding keeps an image back; nothing if there is nothing to be said of it.
fn blocks(status: Status, rule: Rule) -> Option<bool> {
    match status {
        Status::Correct => None,
        Status::Incorrect | Status::Missing => Some(true),
        Status::Unknown => Some(rule.unknown_blocks),
    }
}

fn reason(finding: &Finding) -> String {
    let (region, check) = (&finding.region, finding.check.as_str());
    let (status, actual) = (finding.status.as_str(), &finding.actual);
    format!("in {region}: {check} is {status} ({actual})")
}

/// The accounts that an image was published without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Those that could not use it.
    pub cannot: Vec<String>,
    /// Those of which that was unknown.
    pub unknown: Vec<String>,
}

impl LeftOut {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cannot.is_empty() && self.unknown.is_empty()
    }

    /// As a tag of `version` holds it: the version, and the accounts, of which unknown ones have a question mark.
    /// The value of a tag has at most 256 characters, so that accounts beyond them are only counted.
    pub fn to_tag(&self, version: &str) -> String {
        /// Room for ` +9999` remains.
        const MOST: usize = 250;
        let unknown = self.unknown.iter().map(|id| format!("?{id}"));
        let mut tag = version.to_owned();
        let mut more = 0;
        for one in self.cannot.iter().cloned().chain(unknown) {
            if tag.len() + one.len() < MOST {
                tag = format!("{tag} {one}");
            } else {
                more += 1;
            }
        }
        if more > 0 {
            tag = format!("{tag} +{more}");
        }
        tag
    }

    /// What a tag says of `version`; nothing if it is of another one, or of none. What is no account is a word of a stranger,
    /// and is left out.
    pub fn from_tag(tag: &str, version: &str) -> Option<Self> {
        let mut words = tag.split(' ');
        if words.next() != Some(version) {
            return None;
        }
        let mut found = Self::default();
        for word in words {
            let (list, id) = match word.strip_prefix('?') {
                Some(id) => (&mut found.unknown, id),
                None => (&mut found.cannot, word),
            };
            let counts = |more: &str| !more.is_empty() && more.bytes().all(|b| b.is_ascii_digit());
            let is_count = id.strip_prefix('+').is_some_and(counts) && id.len() < 6;
            if is_count || id.parse::<AccountId>().is_ok() {
                list.push(id.to_owned());
            }
        }
        Some(found)
    }
}

impl fmt::Display for LeftOut {
    /// As a sentence goes on after "it was published": who could not use it, and of whom that was unknown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.cannot.is_empty() {
            let cannot = self.cannot.join(", ");
            write!(f, "although these accounts could not use it: {cannot}")?;
        }
        if !self.unknown.is_empty() {
            let and = if self.cannot.is_empty() { "" } else { "; " };
            let unknown = self.unknown.join(", ");
            write!(f, "{and}without proof that these accounts can: {unknown}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(consumer: &str, check: Check, status: Status) -> Finding {
        Finding {
            consumer: consumer.to_owned(),
            region: "us-east-1".parse().expect("a Region"),
            recipename: None,
            check,
            status,
            expected: String::new(),
            actual: "why".to_owned(),
        }
    }

    fn account(n: usize) -> String {
        format!("{n:012}")
    }

    /// Accounts that can use an image, and some more of this status.
    fn found(able: usize, status: Status, others: usize) -> Vec<Finding> {
        let able = (0..able).map(|n| finding(&account(n), Check::Launch, Status::Correct));
        let others = (100..100 + others).map(|n| finding(&account(n), Check::Launch, status));
        able.chain(others).collect()
    }

    fn proof(findings: &[Finding], share: Option<&str>, unknown_blocks: bool) -> Proof {
        let share = share.map(|text| text.parse().expect("a share"));
        let require = share.map_or(Require::All, Require::ShareOfAccounts);
        let rule = Rule {
            require,
            unknown_blocks,
        };
        Proof::of(findings, rule, &BTreeSet::new())
    }

    #[test]
    fn one_bad_account_of_forty_holds_an_image_back_and_a_quorum_lets_it_go() {
        let findings = found(39, Status::Incorrect, 1);
        let all = proof(&findings, None, false);
        assert!(!all.passes());
        assert_eq!((all.able(), all.required, all.accounts), (39, 40, 40));
        assert_eq!(
            all.reasons(),
            "000000000100 in us-east-1: launch is Incorrect (why)"
        );
        // 0.9 of 40 are 36, and 0.976 of them are 39.04: that takes all of them.
        for (share, passes) in [
            ("0.9", true),
            ("0.975", true),
            ("0.976", false),
            ("1", false),
        ] {
            let proof = proof(&findings, Some(share), false);
            assert_eq!(proof.passes(), passes, "{share}");
            assert_eq!(proof.left_out().cannot, ["000000000100"], "{share}");
        }
    }

    #[test]
    fn what_could_not_be_asked_counts_only_if_the_documents_say_so() {
        let findings = found(3, Status::Unknown, 1);
        let open = proof(&findings, None, false);
        assert!(open.passes());
        assert_eq!(open.left_out().unknown, ["000000000100"]);
        assert!(!proof(&findings, None, true).passes());
        assert!(proof(&findings, Some("0.75"), true).passes());
    }

    #[test]
    fn no_quorum_leaves_out_the_building_account_or_an_organization() {
        for (consumer, check) in [
            ("111122223333", Check::Ami),
            ("arn:aws:organizations::1:ou/o-1/ou-1", Check::Image),
        ] {
            let mut findings = found(10, Status::Correct, 0);
            findings.push(finding(consumer, check, Status::Missing));
            let proof = proof(&findings, Some("0.1"), false);
            assert!(!proof.passes(), "{consumer}");
            assert_eq!(proof.accounts, 10, "{consumer}");
        }
    }

    #[test]
    fn an_account_that_gets_no_copy_of_this_image_is_not_counted() {
        let findings = found(1, Status::Missing, 1);
        let rule = Rule {
            require: Require::All,
            unknown_blocks: true,
        };
        let excluded = [account(100).parse().expect("an account")].into();
        assert!(Proof::of(&findings, rule, &excluded).passes());
    }

    #[test]
    fn a_share_has_at_most_three_decimals_and_is_rounded_up() {
        let of = |text: &str, accounts| text.parse::<Share>().expect("a share").of(accounts);
        assert_eq!((of("0.9", 40), of("0.9", 11), of("0.001", 1)), (36, 10, 1));
        assert_eq!((of("1", 7), of("1.0", 7), of("0.5", 0)), (7, 7, 0));
        for text in [
            "0", "0.0", "1.001", "2", "-0.5", "0.12345", ".5", "1e-1", "0.", "",
        ] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!(
            ["0.9", "0.925", "1.0"].map(|text| text.parse::<Share>().expect("a share").to_string()),
            ["0.9", "0.925", "1"]
        );
    }

    #[test]
    fn a_tag_names_who_was_left_out_of_its_version_and_never_grows_too_long() {
        let out = LeftOut {
            cannot: vec![account(1)],
            unknown: vec![account(2)],
        };
        let tag = out.to_tag("1.0.0/2");
        assert_eq!(tag, "1.0.0/2 000000000001 ?000000000002");
        assert_eq!(LeftOut::from_tag(&tag, "1.0.0/2"), Some(out));
        assert_eq!(LeftOut::from_tag(&tag, "1.0.0/3"), None);
        let strange = LeftOut::from_tag("1.0.0/2 <b>x</b> ?y +z", "1.0.0/2");
        assert_eq!(strange, Some(LeftOut::default()));
        let nobody = LeftOut::default().to_tag("1.0.0/2");
        assert_eq!(
            LeftOut::from_tag(&nobody, "1.0.0/2"),
            Some(LeftOut::default())
        );
        let many = LeftOut {
            cannot: (0..500).map(account).collect(),
            unknown: Vec::new(),
        };
        let tag = many.to_tag("1.0.0/2");
        assert!(tag.len() <= 256, "{tag}");
        let read = LeftOut::from_tag(&tag, "1.0.0/2").expect("accounts");
        assert_eq!(read.cannot.last().map(String::as_str), Some("+482"));
    }
}
