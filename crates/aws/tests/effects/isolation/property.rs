//! Whatever the service refuses: every policy that is written contains each account that has access and is
//! still wanted.

use std::collections::BTreeSet;

use goldsmith_domain::bucket_policy::{BucketPolicy, Readers};
use goldsmith_domain::key_policy::KeyPolicy;
use goldsmith_domain::names::AccountId;
use goldsmith_domain::plan::{Action, PutBucketPolicy, PutKeyPolicy};
use jiff::{Timestamp, ToSpan};

use super::{QUARANTINE, access};
use crate::support::cloud::KEY_POLICY;
use crate::support::documents::KEY;
use crate::support::inputs::accounts;
use crate::support::{World, parsed};

const BUCKET_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"RefusePlainHttp","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::output"]}]}"#;

type Accounts = BTreeSet<AccountId>;

/// Which accounts have access, are wanted, are not known to the service, and are in quarantine.
#[derive(Debug, Clone, Default)]
struct Case {
    existing: Accounts,
    wanted: Accounts,
    unknown: Accounts,
    quarantined: Accounts,
}

impl Case {
    /// The case in which each account is in the sets that its bits name.
    fn of(bits: impl Iterator<Item = u64>) -> Self {
        let mut case = Self::default();
        for (account, bits) in accounts(64).into_iter().zip(bits) {
            let sets = [
                &mut case.existing,
                &mut case.wanted,
                &mut case.unknown,
                &mut case.quarantined,
            ];
            for (n, set) in sets.into_iter().enumerate() {
                if bits >> n & 1 == 1 {
                    set.insert(account.clone());
                }
            }
        }
        case
    }

    /// Every combination of three accounts, and some of many.
    fn all() -> impl Iterator<Item = Self> {
        let bits = |n: u64| [n & 7, n >> 3 & 7, n >> 6];
        // The accounts differ by name only, so that their order does not matter.
        let few = (0..8_u64.pow(3)).map(bits).filter(|bits| bits.is_sorted());
        let few = few.map(|bits| Self::of(bits.into_iter()));
        let mut random = 42_u64;
        let many = (0..30_u64).map(move |n| {
            // Knuth's linear congruential generator. Every second case knows all existing accounts.
            let bits = (0..60).map(|_| {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let bits = random >> 60;
                if n % 2 == 0 && bits & 1 == 1 {
                    bits & !4
                } else {
                    bits
                }
            });
            Self::of(bits)
        });
        few.chain(many)
    }

    /// Who has access in the end.
    fn outcome(&self) -> Accounts {
        let staying = &self.existing & &self.wanted;
        if !staying.is_disjoint(&self.unknown) {
            return self.existing.clone();
        }
        let joining = &self.wanted - &self.existing;
        &staying | &(&(&joining - &self.unknown) - &self.quarantined)
    }

    fn world(&self) -> World {
        let world = World::new();
        for account in &self.unknown {
            world.cloud.s3_forgets_account(account.as_str());
            world
                .cloud
                .keys(|keys| keys.forget_account(account.as_str()));
        }
        let until = Timestamp::now() + 1.hour();
        let entry =
            |account: &AccountId| format!(r#""{account}":{{"reason":"","until":"{until}"}}"#);
        let entries: Vec<String> = self.quarantined.iter().map(entry).collect();
        let content = format!("{{{}}}", entries.join(","));
        world.cloud.put_output(QUARANTINE, content);
        world
    }

    #[track_caller]
    fn check(&self, tried: &[Accounts], now: &Accounts) {
        let staying = &self.existing & &self.wanted;
        for policy in tried {
            assert!(staying.is_subset(policy), "{self:?}: {policy:?} was tried");
        }
        assert_eq!(*now, self.outcome(), "{self:?}");
    }
}

fn slice(accounts: &Accounts) -> Vec<AccountId> {
    accounts.iter().cloned().collect()
}

/// `None` if the policy says so already.
fn key_policy(from: &str, accounts: &Accounts) -> Option<String> {
    let policy = KeyPolicy::parse(from).expect("a policy");
    policy.with(&access(&slice(accounts))).expect("it fits")
}

fn with_key(policy: &str) -> Accounts {
    let policy = KeyPolicy::parse(policy).expect("a policy");
    policy.access().accounts.keys().cloned().collect()
}

#[tokio::test]
async fn every_key_policy_that_is_written_contains_whoever_has_access_and_is_wanted() {
    for case in Case::all() {
        let world = case.world();
        let expected = key_policy(KEY_POLICY, &case.existing).expect("an organization, at least");
        world.cloud.set_key_policy(&expected);
        if let Some(policy) = key_policy(&expected, &case.wanted) {
            let put = PutKeyPolicy {
                key: parsed(KEY),
                policy,
                expected,
                access: access(&slice(&case.wanted)),
            };
            drop(world.attempt(Action::GrantKeyAccess(put)).await);
            let tried = world.cloud.keys(|keys| keys.tried());
            let tried: Vec<Accounts> = tried.iter().map(|policy| with_key(policy)).collect();
            case.check(&tried, &with_key(&world.cloud.key_policy()));
        }
    }
}

fn bucket_policy(from: &str, accounts: &Accounts) -> Option<String> {
    let readers = Readers {
        accounts: accounts.clone(),
        organizations: BTreeSet::new(),
        objects: "arn:aws:s3:::output/images/*".to_owned(),
    };
    let policy = BucketPolicy::parse(from).expect("a policy");
    policy.with(&readers).expect("it fits")
}

fn readers(policy: &str) -> Accounts {
    let policy = BucketPolicy::parse(policy).expect("a policy");
    policy.readers().accounts
}

#[tokio::test]
async fn every_bucket_policy_that_is_written_contains_whoever_reads_and_is_wanted() {
    for case in Case::all() {
        let world = case.world();
        let expected = bucket_policy(BUCKET_POLICY, &case.existing);
        let expected = expected.unwrap_or_else(|| BUCKET_POLICY.to_owned());
        world.cloud.set_bucket_policy(&expected);
        if let Some(policy) = bucket_policy(&expected, &case.wanted) {
            let put = PutBucketPolicy { policy, expected };
            drop(world.attempt(Action::PutBucketPolicy(put)).await);
            let tried = world.cloud.tried_bucket_policies();
            let tried: Vec<Accounts> = tried.iter().map(|policy| readers(policy)).collect();
            let now = world.cloud.bucket_policy().expect("a policy");
            case.check(&tried, &readers(&now));
        }
    }
}
