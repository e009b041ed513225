//! Proof of use: what is said of answers as AWS gives them.

mod images;
mod keys;
mod questions;

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::names::{AmiId, KeyArn, Region, RoleArn};
use goldsmith_domain::observed::Target;
use goldsmith_domain::verify::{
    Check, Finding, Published, Seen, Status, findings, passes, questions as asked,
};

use crate::world::{consumer, desired, entry, stack};

const AMI_A: &str = "ami-0aaaaaaaaaaaaaaaa";
const CONSUMER: &str = "222222222222";
const LAUNCH: &str = "arn:aws:iam::222222222222:role/teams/launch";
const PUBLISHED: &str = "ami-01111111111111111";
const COPY: &str = "ami-02222222222222222";
const IMAGE: &str = "arn:aws:imagebuilder:us-east-1:111122223333:image/mstr-nonprod-110304/1.0.0/2";

fn home() -> Region {
    "us-east-1".parse().expect("a Region")
}

fn ami(id: &str) -> AmiId {
    id.parse().expect("an AMI")
}

fn key(arn: &str) -> KeyArn {
    arn.parse().expect("a key")
}

fn role(arn: &str) -> RoleArn {
    arn.parse().expect("a role")
}

/// One recipe for one account.
fn serving(account: Account) -> Desired {
    let consumers = Consumers {
        accounts: vec![account],
        organizations: Vec::new(),
    };
    Desired {
        consumers,
        recipes: vec![entry("110304", AMI_A)],
        ..desired()
    }
}

fn shared() -> Desired {
    serving(consumer(CONSUMER, &[LAUNCH]))
}

fn copied() -> Desired {
    serving(Account {
        serve: DeliveryMode::Copy,
        ..consumer(CONSUMER, &[LAUNCH])
    })
}

fn published(image: &str, id: &str) -> Published {
    Published {
        image: Some(image.parse().expect("an image")),
        amis: [(home(), ami(id))].into(),
        damage: None,
    }
}

/// Our AMI is published, and for those who have copies, theirs.
fn seen() -> Seen {
    let name: goldsmith_domain::names::RecipeName = "110304".parse().expect("a name");
    let target = Target {
        account: CONSUMER.parse().expect("an account"),
        region: home(),
    };
    Seen {
        published: [(name.clone(), Ok(Some(published(IMAGE, PUBLISHED))))].into(),
        copies: [((name, target), Ok(Some(published(IMAGE, COPY))))].into(),
        ..Seen::default()
    }
}

/// Status and text of what is said of `check`.
fn said(desired: &Desired, seen: &Seen, check: Check) -> (Status, String) {
    let findings = findings(desired, &stack(), seen);
    let mut of_check: Vec<Finding> = findings
        .into_iter()
        .filter(|one| one.check == check)
        .collect();
    assert_eq!(of_check.len(), 1, "{of_check:?}");
    let finding = of_check.remove(0);
    (finding.status, finding.actual)
}

#[test]
fn unasked_questions_are_unknown_and_block_only_where_the_environment_says_so() {
    let findings = findings(&shared(), &stack(), &Seen::default());
    assert_eq!(
        findings.len(),
        3,
        "the image, the key's policy, a dry run with it: {findings:?}"
    );
    assert!(
        findings
            .iter()
            .all(|finding| finding.status == Status::Unknown),
        "{findings:?}"
    );
    assert!(passes(&findings, false));
    assert!(!passes(&findings, true));
}

#[test]
fn what_is_wrong_or_missing_stands_in_the_way_whatever_is_said_of_the_unknown() {
    for status in [Status::Incorrect, Status::Missing] {
        let mut findings = findings(&shared(), &stack(), &Seen::default());
        findings[0].status = status;
        assert!(!passes(&findings, false), "{status:?}");
    }
}

/// A workload accounts document may list every account, the building one among them.
#[test]
fn the_building_account_is_no_consumer_of_its_own_images() {
    let mut wanted = shared();
    let builder = Account {
        id: "111122223333".parse().expect("an account"),
        ..wanted.consumers.accounts[0].clone()
    };
    let expected = findings(&wanted, &stack(), &seen());
    assert!(!expected.is_empty());
    wanted.consumers.accounts.push(builder);
    assert_eq!(findings(&wanted, &stack(), &seen()), expected);
    assert_eq!(asked(&wanted, &stack(), &seen()).accounts.len(), 1);
}
