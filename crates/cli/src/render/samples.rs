//! Reviews made by hand, as the planner would make them.

use std::str::FromStr;

use goldsmith_domain::names::KeyArn;
use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::review::{
    AccessChange, Action, Difference, Direction, KeyPolicyReview, Quota, QuotaSource, RecipeReview,
    Review, ScheduleReview, Stack, Storage,
};

/// What a text means; the samples only write valid ones.
#[track_caller]
pub fn parsed<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a valid text")
}

/// A review of nothing.
pub fn settled() -> Review {
    Review {
        stack: Stack {
            environment: parsed("nonprod"),
            account: parsed("111122223333"),
            region: parsed("us-east-1"),
        },
        recipes: Vec::new(),
        unchanged: 2,
        access: Vec::new(),
        key_policies: Vec::new(),
        settings: Vec::new(),
        schedule: None,
        quotas: Vec::new(),
        storage: Vec::new(),
        waiting: Vec::new(),
        refused: Vec::new(),
        changes: Vec::new(),
        notes: Vec::new(),
    }
}

pub fn entry(kind: &str, target: &str, reason: Option<&str>) -> Entry {
    Entry {
        kind: kind.to_owned(),
        target: target.to_owned(),
        reason: reason.map(str::to_owned),
    }
}

/// Reports that need a person: something was refused, has failed, or was not attempted.
pub fn needing_a_person() -> [Report; 3] {
    let entries = || vec![entry("k", "t", Some("why"))];
    [
        Report {
            refused: entries(),
            ..Report::default()
        },
        Report {
            failed: entries(),
            ..Report::default()
        },
        Report {
            not_attempted: entries(),
            ..Report::default()
        },
    ]
}

pub fn difference(what: &str, from: Option<&str>, to: Option<&str>) -> Difference {
    Difference {
        what: what.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

pub fn recipe(name: &str, action: Action, version: &str, from: Option<&str>) -> RecipeReview {
    RecipeReview {
        recipename: parsed(name),
        action,
        version: version.to_owned(),
        from: from.map(str::to_owned),
        because: Vec::new(),
        builds: false,
        publishes: None,
        dependents: Vec::new(),
    }
}

pub fn access(account: &str, direction: Direction, effect: &str) -> AccessChange {
    AccessChange {
        consumer: account.to_owned(),
        direction,
        principals: [format!("arn:aws:iam::{account}:role/launch")].into(),
        regions: [parsed("us-east-1")].into(),
        effect: effect.to_owned(),
    }
}

pub const LOSS: &str = "images built from now on are not shared with it; it keeps what it was given until it is revoked";

/// A new version on another base image, and a new recipe.
fn recipes() -> Vec<RecipeReview> {
    let rebuilt = RecipeReview {
        because: vec![difference(
            "base image",
            Some("ami-0aaaaaaaa"),
            Some("ami-0bbbbbbbb"),
        )],
        builds: true,
        dependents: vec![parsed("110304-java")],
        ..recipe("110304", Action::NewVersion, "1.0.1", Some("1.0.0"))
    };
    vec![
        rebuilt,
        RecipeReview {
            builds: true,
            ..recipe("110305", Action::Create, "1.0.0", None)
        },
    ]
}

pub fn key() -> KeyArn {
    parsed("arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-000000001234")
}

/// One account in the place of another.
fn key_policy() -> KeyPolicyReview {
    let policy = |account: &str| {
        format!("{{\n  \"AWS\": [\n    \"arn:aws:iam::{account}:role/launch\"\n  ]\n}}\n")
    };
    let (before, after) = (policy("222222222222"), policy("333333333333"));
    KeyPolicyReview {
        key: key(),
        before,
        after,
        bytes: 1638,
        limit: 32_768,
    }
}

/// A changed base image, a new consumer and a removed one, and something refused.
pub fn everything() -> Review {
    let quota = Quota {
        name: "Image pipelines".to_owned(),
        used: 2,
        after: 3,
        limit: 75,
        source: QuotaSource::Account,
    };
    let storage = Storage {
        account: parsed("111122223333"),
        region: parsed("us-east-1"),
        snapshots: 2,
        gib: 60,
    };
    let gain = "images built from now on are shared with it; the roles listed may use the key";
    let refused = "the base AMI ami-0cccccccc is not in the state `available`";
    Review {
        recipes: recipes(),
        access: vec![
            access("222222222222", Direction::Loses, LOSS),
            access("333333333333", Direction::Gains, gain),
        ],
        key_policies: vec![key_policy()],
        settings: vec![difference(
            "instance types",
            Some("m6i.large"),
            Some("m7i.large"),
        )],
        schedule: Some(ScheduleReview {
            starts: vec![parsed("110305")],
            stops: vec![parsed("110302"), parsed("110301")],
            expression: Some("cron(0 6 ? * SUN *)".to_owned()),
            next: Some(parsed("2026-12-06T06:00:00Z")),
        }),
        quotas: vec![quota],
        storage: vec![storage],
        waiting: vec![entry(
            "retirement",
            "110302",
            Some("110302 is no longer in ami-version"),
        )],
        refused: vec![entry("base-ami", "110306", Some(refused))],
        changes: vec![entry("create-recipe", "mstr-nonprod-110304/1.0.1", None)],
        notes: vec!["`vpc-id` has no effect: Image Builder takes a subnet".to_owned()],
        ..settled()
    }
}

/// Two thousand accounts that lose, and as many that gain.
pub fn huge() -> Review {
    let all = |first: usize, direction| {
        (0..2000).map(move |n| access(&format!("{:012}", first + n), direction, LOSS))
    };
    let recipes = (0..300).map(|n| recipe(&format!("r{n}"), Action::Keep, "1.0.0", Some("1.0.0")));
    Review {
        access: all(100_000, Direction::Loses)
            .take(150)
            .chain(all(500_000, Direction::Gains))
            .collect(),
        recipes: recipes.collect(),
        ..everything()
    }
}

/// What somebody may write who wants to deceive a reviewer.
pub fn hostile() -> Review {
    let text =
        "</details><img src=x>\n# Approved\n@octocat [x](http://e) | `a``b` ```\n\x1b[2J\u{202E}";
    let differs = RecipeReview {
        because: vec![difference(text, Some(text), Some(text))],
        publishes: Some(text.to_owned()),
        ..recipe("110304", Action::NewVersion, text, Some(text))
    };
    Review {
        recipes: vec![differs],
        refused: vec![entry(text, text, Some(text))],
        quotas: vec![Quota {
            name: text.to_owned(),
            used: 1,
            after: 1,
            limit: 1,
            source: QuotaSource::Default,
        }],
        notes: vec![text.to_owned()],
        key_policies: vec![KeyPolicyReview {
            key: key(),
            before: String::new(),
            after: format!("{text}\n````\n"),
            bytes: 1,
            limit: 0,
        }],
        ..settled()
    }
}
