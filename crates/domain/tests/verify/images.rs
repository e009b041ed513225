//! Launch permissions, copies and launches.

use goldsmith_domain::consumers::DeliveryMode;
use goldsmith_domain::observed::Sharing;
use goldsmith_domain::verify::{Attempt, Check, Launch, SeenAmi, Status};

use super::*;

fn permits(sharing: Sharing) -> Seen {
    Seen {
        sharing: [(ami(PUBLISHED), Ok(Some(sharing)))].into(),
        ..seen()
    }
}

fn of(account: &str) -> Sharing {
    Sharing {
        accounts: [account.parse().expect("an account")].into(),
        ..Sharing::default()
    }
}

#[test]
fn an_ami_is_shared_with_whom_its_launch_permissions_name() {
    let status = |seen: &Seen| said(&shared(), seen, Check::Image).0;
    assert_eq!(status(&permits(of(CONSUMER))), Status::Correct);
    assert_eq!(status(&permits(of("333333333333"))), Status::Missing);
    let everybody = Sharing {
        everybody: true,
        ..of(CONSUMER)
    };
    assert_eq!(
        status(&permits(everybody)),
        Status::Incorrect,
        "an image of ours is never public"
    );
    let gone = Seen {
        sharing: [(ami(PUBLISHED), Ok(None))].into(),
        ..seen()
    };
    assert_eq!(status(&gone), Status::Missing);
    let denied = Seen {
        sharing: [(ami(PUBLISHED), Err("AccessDenied".to_owned()))].into(),
        ..seen()
    };
    assert_eq!(
        said(&shared(), &denied, Check::Image),
        (Status::Unknown, "AccessDenied".to_owned())
    );
}

#[test]
fn what_is_not_published_is_missing() {
    let name: goldsmith_domain::names::RecipeName = "110304".parse().expect("a name");
    let nothing = Seen {
        published: [(name.clone(), Ok(None))].into(),
        ..Seen::default()
    };
    assert_eq!(
        said(&shared(), &nothing, Check::Image),
        (Status::Missing, "nothing is published".to_owned())
    );
    let elsewhere = Published {
        amis: [("eu-west-1".parse().expect("a Region"), ami(PUBLISHED))].into(),
        ..published(IMAGE, PUBLISHED)
    };
    let elsewhere = Seen {
        published: [(name, Ok(Some(elsewhere)))].into(),
        ..Seen::default()
    };
    let missing = "no AMI is published for us-east-1".to_owned();
    assert_eq!(
        said(&shared(), &elsewhere, Check::Image),
        (Status::Missing, missing)
    );
}

fn found(keys: &[&str]) -> SeenAmi {
    SeenAmi {
        owner: CONSUMER.parse().expect("an account"),
        state: "available".to_owned(),
        keys: keys.iter().map(ToString::to_string).collect(),
    }
}

fn owning(found: Option<SeenAmi>) -> Seen {
    Seen {
        own_amis: [(ami(COPY), Ok(found))].into(),
        ..seen()
    }
}

const OURS: &str = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234";
const THEIRS: &str = "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-4333-8444-000000005678";

#[test]
fn a_copy_is_the_accounts_own_available_and_under_the_key_that_it_was_to_have() {
    let of_copy = |found| said(&copied(), &owning(found), Check::Image);
    assert_eq!(of_copy(Some(found(&[OURS]))).0, Status::Correct);
    assert_eq!(of_copy(None).0, Status::Missing);
    assert_eq!(of_copy(Some(found(&[]))).0, Status::Unknown);
    for (wrong, why) in [
        (found(&[THEIRS]), format!("it is encrypted under {THEIRS}")),
        (found(&[OURS, ""]), "it is not encrypted".to_owned()),
        (
            SeenAmi {
                state: "failed".to_owned(),
                ..found(&[OURS])
            },
            "its state is `failed`".to_owned(),
        ),
        (
            SeenAmi {
                owner: "111122223333".parse().expect("an account"),
                ..found(&[OURS])
            },
            "it belongs to 111122223333".to_owned(),
        ),
    ] {
        assert_eq!(of_copy(Some(wrong)), (Status::Incorrect, why));
    }
    let mut own_key = copied();
    own_key.consumers.accounts[0].keys = [(home(), key(THEIRS))].into();
    assert_eq!(
        said(&own_key, &owning(Some(found(&[THEIRS]))), Check::Image).0,
        Status::Correct
    );
    assert_eq!(
        said(&own_key, &owning(Some(found(&[OURS]))), Check::Image).0,
        Status::Incorrect
    );
}

#[test]
fn a_copy_of_an_older_image_is_not_what_is_published() {
    let mut seen = owning(Some(found(&[OURS])));
    let older = IMAGE.replace("1.0.0/2", "1.0.0/1");
    seen.copies
        .values_mut()
        .for_each(|copy| *copy = Ok(Some(published(&older, COPY))));
    let (status, actual) = said(&copied(), &seen, Check::Image);
    assert_eq!(status, Status::Incorrect);
    assert!(
        actual.contains("1.0.0/1") && actual.contains("1.0.0/2"),
        "{actual}"
    );
}

fn launched(launches: bool, attempt: Attempt) -> Launch {
    Launch {
        role: role(LAUNCH),
        launches,
        attempt,
    }
}

fn refused(code: &str) -> Attempt {
    Attempt::Refused {
        code: code.to_owned(),
        message: "no".to_owned(),
    }
}

/// Codes: EC2 API reference, "Error codes".
#[test]
fn a_refused_launch_is_judged_by_its_code_and_its_caller() {
    let table = [
        (true, Attempt::Succeeds, Status::Correct),
        (true, refused("UnauthorizedOperation"), Status::Incorrect),
        (false, refused("UnauthorizedOperation"), Status::Unknown),
        (true, refused("InvalidAMIID.NotFound"), Status::Missing),
        (false, refused("InvalidAMIID.NotFound"), Status::Missing),
        (true, refused("OptInRequired"), Status::Incorrect),
        (
            false,
            refused("InvalidSubnetID.NotFound"),
            Status::Incorrect,
        ),
        (true, Attempt::NotMade("503".to_owned()), Status::Unknown),
    ];
    let of = (CONSUMER.parse().expect("an account"), ami(PUBLISHED));
    for (launches, attempt, status) in table {
        let launch = launched(launches, attempt.clone());
        let seen = Seen {
            launches: [(of.clone(), launch.clone())].into(),
            probes: [(of.clone(), launch)].into(),
            ..permits(Sharing::default())
        };
        assert_eq!(
            said(&shared(), &seen, Check::Launch).0,
            status,
            "{launches} {attempt:?}"
        );
        assert_eq!(
            said(&shared(), &seen, Check::Probe).0,
            status,
            "{launches} {attempt:?}"
        );
    }
}

#[test]
fn the_launch_of_a_copy_is_judged_by_the_copy() {
    let mut seen = owning(Some(found(&[OURS])));
    let account = copied().consumers.accounts.remove(0);
    assert_eq!(account.serve, DeliveryMode::Copy);
    seen.launches = [((account.id, ami(COPY)), launched(true, Attempt::Succeeds))].into();
    assert_eq!(said(&copied(), &seen, Check::Launch).0, Status::Correct);
}
