//! What an hourly run looks at closely. Lists and digests tell of all recipes what the documents changed; what a
//! hand changed shows only in the content, and each content costs a call. So recipes take turns, and what an hour
//! costs is bounded however many there are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::names::{AmiId, RecipeName};
use crate::observed::Depth;

/// How many recipes have their turn in one hour. Each costs about seven calls, so that 50 recipes cost 35 calls
/// an hour and are seen twice a day; up to five are looked at in every hour.
const RECIPES_AN_HOUR: usize = 5;

/// The hours in which every recipe has its turn, however many there are.
const DAY: usize = 24;

/// How many AMIs that consumers no longer launch have their turn in one hour at most, if each has it within a day.
/// More have it within a week: after a year of weekly builds, 50 recipes have 2,600 AMIs, and each costs a call.
const FORMER_AMIS_AN_HOUR: usize = 20;

/// The hours in which every AMI has its turn. To a stranger a launch permission alone is no use: the key's policy, which
/// every run compares, names those who may decrypt.
const WEEK: usize = 7 * DAY;

/// Some things of a kind take turns, one in each of so many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    hour: u64,
    hours: u64,
}

impl Turns {
    /// Of so many recipes, or nothing if a run looks at digests only. A deep look gives each its turn.
    pub(super) fn of_recipes(depth: Depth, time: Timestamp, count: usize) -> Option<Self> {
        let hours = match depth {
            Depth::Digest => return None,
            Depth::Hour => count.div_ceil(RECIPES_AN_HOUR).clamp(1, DAY),
            Depth::Content => 1,
        };
        Some(Self::new(time, hours))
    }

    /// Of so many AMIs of a Region, of which those that are not current take turns.
    fn of_former_amis(time: Timestamp, count: usize) -> Self {
        // One of two periods: any other one would move all turns whenever an image is built.
        let fits_in_a_day = count <= DAY * FORMER_AMIS_AN_HOUR;
        Self::new(time, if fits_in_a_day { DAY } else { WEEK })
    }

    fn new(time: Timestamp, hours: usize) -> Self {
        Self {
            hour: time.as_second().unsigned_abs() / 3600,
            hours: hours as u64,
        }
    }

    /// Whether it is the turn of a recipe.
    pub(super) fn has_recipe(self, recipe: &RecipeName) -> bool {
        self.has(&recipe.folded())
    }

    /// Whether it is the turn of something with this name. Each has one.
    pub(super) fn has(self, name: &str) -> bool {
        // FNV-1a: names that differ in one letter are spread over any number of hours.
        let number = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
                (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        number % self.hours == self.hour % self.hours
    }
}

/// Whether something happened less than a day ago. A clock that is ahead of ours counts as now.
pub(super) fn is_within_a_day(then: Timestamp, now: Timestamp) -> bool {
    now.duration_since(then) < SignedDuration::from_hours(24)
}

/// Which of our AMIs an hourly run looks at: some of those that consumers launch today, with all that may lack a
/// permission that a run did not get to give, and some of those that consumers launch no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub(super) time: Timestamp,
    /// The AMIs of today, each with whether it is looked at in this hour.
    pub(super) current: BTreeMap<AmiId, bool>,
}

impl Slice {
    /// Those of `all` whose turn it is, and the others. Each comes with whether everybody may launch it: that is always
    /// looked at.
    pub fn split(&self, all: Vec<(AmiId, bool)>) -> (Vec<AmiId>, Vec<AmiId>) {
        let turns = Turns::of_former_amis(self.time, all.len());
        let has_turn = |ami: &AmiId| {
            let current = self.current.get(ami).copied();
            current.unwrap_or_else(|| turns.has(ami.as_str()))
        };
        let in_turn = |(ami, is_public): &(AmiId, bool)| *is_public || has_turn(ami);
        let (in_turn, others): (Vec<_>, Vec<_>) = all.into_iter().partition(in_turn);
        let ids = |amis: Vec<(AmiId, bool)>| amis.into_iter().map(|(ami, _)| ami).collect();
        (ids(in_turn), ids(others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(number: i64) -> Timestamp {
        Timestamp::from_second(number * 3600).expect("a time")
    }

    #[test]
    fn each_recipe_has_its_turn_within_a_day_and_few_have_it_in_each_hour() {
        let recipe = |n: usize| -> RecipeName { format!("r{n}").parse().expect("a name") };
        for count in [1, 5, 6, 50, 120, 1_000] {
            let turns = |hour_of_day| {
                Turns::of_recipes(Depth::Hour, hour(hour_of_day), count).expect("a look")
            };
            let seen = |n| {
                (0..24)
                    .filter(|at| turns(*at).has_recipe(&recipe(n)))
                    .count()
            };
            assert!((0..count).all(|n| seen(n) >= 1), "{count}");
            let at_once = |at| {
                (0..count)
                    .filter(|n| turns(at).has_recipe(&recipe(*n)))
                    .count()
            };
            let most = (0..24).map(at_once).max().unwrap_or_default();
            let usual = if count <= 120 { 5 } else { count.div_ceil(24) };
            assert!(most <= 2 * usual, "{most} of {count} at once");
        }
        assert!(Turns::of_recipes(Depth::Digest, hour(0), 3).is_none());
        let deep = Turns::of_recipes(Depth::Content, hour(7), 1_000).expect("a look");
        assert!((0..1_000).all(|n| deep.has_recipe(&recipe(n))));
    }

    #[test]
    fn a_former_ami_has_one_turn_and_one_that_is_due_or_public_every_hour() {
        let ami = |n: u64| -> AmiId { format!("ami-{n:017x}").parse().expect("an AMI") };
        let slice = |number| Slice {
            time: hour(number),
            current: [(ami(0), true), (ami(1), true), (ami(3), false)].into(),
        };
        for (count, hours) in [(30, 24), (480, 24), (2_600, 168), (6_000, 168)] {
            let all: Vec<_> = (0..count).map(|n| (ami(n), n == 2)).collect();
            let mut turns = BTreeMap::new();
            for number in 0..hours {
                let (found, others) = slice(number).split(all.clone());
                assert_eq!(found.len() + others.len(), all.len());
                assert!(found.len() < 100, "{} of {count} at once", found.len());
                for ami in found {
                    *turns.entry(ami).or_insert(0) += 1;
                }
            }
            assert_eq!(turns.get(&ami(0)), Some(&hours));
            assert_eq!(turns.get(&ami(1)), Some(&hours));
            assert_eq!(turns.get(&ami(2)), Some(&hours));
            assert_eq!(turns.get(&ami(3)), None, "its recipe has no turn");
            assert!(
                (4..count).all(|n| turns.get(&ami(n)) == Some(&1)),
                "{count}"
            );
        }
    }
}
