//! Waivers: reviewed statements that a failed control is accepted, for a while or for good.

use jiff::civil::Date;

use crate::names::{RecipeName, Region};
use crate::problem::Place;

/// How many days before a waiver ends people are warned: two weeks, which is a sprint.
pub const WARNING_DAYS: i32 = 14;

/// One rule that may fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The recipe that it is for; none for every recipe of the environment.
    pub recipe: Option<RecipeName>,
    /// The building Region that it is for; none for every Region.
    pub region: Option<Region>,
    /// The benchmark that people know the rule from. It is for readers and decides nothing.
    pub benchmark: Option<String>,
    /// The profile whose rule it is.
    pub profile: String,
    /// The rule.
    pub rule: String,
    /// Why it may fail.
    pub reason: String,
    /// The person who asked, if the document says so.
    pub requested_by: Option<String>,
    /// The person who accepted the risk.
    pub approved_by: String,
    /// How long it lasts.
    pub term: Term,
    /// Where the document names the rule.
    pub place: Place,
}

/// How long a waiver lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// For good (`skip.yml`).
    Permanent {
        /// Whether the rule does not apply at all, so that it counts as skipped.
        not_applicable: bool,
    },
    /// For a while (`poam.yml`), both days included, in UTC.
    Temporary {
        /// The day from which on it counts; none if the document does not say.
        first_day: Option<Date>,
        /// The last day on which it counts.
        last_day: Date,
    },
}

impl Waiver {
    /// Whether it is for images of `recipe` that are built in `region`.
    pub fn concerns(&self, recipe: &RecipeName, region: &Region) -> bool {
        let is_recipe = |own: &RecipeName| own.folded() == recipe.folded();
        self.recipe.as_ref().is_none_or(is_recipe)
            && self.region.as_ref().is_none_or(|own| own == region)
    }

    /// Whether it counts on this day.
    pub fn is_in_force(&self, today: Date) -> bool {
        match self.term {
            Term::Permanent { .. } => true,
            Term::Temporary {
                first_day,
                last_day,
            } => first_day.is_none_or(|first| first <= today) && today <= last_day,
        }
    }

    /// What to say of when it counts, seen from this day.
    pub fn period(&self, today: Date) -> String {
        match self.term {
            Term::Permanent { .. } => "the waiver has no end".to_owned(),
            Term::Temporary {
                first_day: Some(first),
                ..
            } if today < first => format!("the waiver begins on {first}"),
            Term::Temporary { last_day, .. } if last_day < today => {
                format!("the waiver ended on {last_day}")
            }
            Term::Temporary { last_day, .. } => format!("the waiver ends on {last_day}"),
        }
    }

    /// What a person should know of its end: that it has ended, or ends within [`WARNING_DAYS`].
    pub fn warning(&self, today: Date) -> Option<String> {
        let Term::Temporary { last_day, .. } = self.term else {
            return None;
        };
        let left = today.until(last_day).ok()?.get_days();
        let rule = &self.rule;
        if left < 0 {
            return Some(format!(
                "the waiver of {rule} ended on {last_day}, so that the rule fails again"
            ));
        }
        (left <= WARNING_DAYS).then(|| {
            format!(
                "the waiver of {rule} ends on {last_day}, in {left} days; then the rule fails again"
            )
        })
    }

    /// Whether both are about one rule on a day and an image that both are for. A recipe's own waiver is
    /// more specific than one of the environment, so these two do not overlap.
    pub fn overlaps(&self, other: &Self) -> bool {
        let folded = |one: &Self| {
            let recipe = one.recipe.as_ref().map(RecipeName::folded);
            (recipe, one.profile.to_lowercase(), one.rule.to_lowercase())
        };
        let regions = self.region.as_ref().zip(other.region.as_ref());
        folded(self) == folded(other)
            && regions.is_none_or(|(one, another)| one == another)
            && self.last_day() >= other.first_day()
            && other.last_day() >= self.first_day()
    }

    fn first_day(&self) -> Date {
        match self.term {
            Term::Temporary {
                first_day: Some(first),
                ..
            } => first,
            Term::Temporary { .. } | Term::Permanent { .. } => Date::MIN,
        }
    }

    fn last_day(&self) -> Date {
        match self.term {
            Term::Temporary { last_day, .. } => last_day,
            Term::Permanent { .. } => Date::MAX,
        }
    }
}
