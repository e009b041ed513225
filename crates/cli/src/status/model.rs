//! What a status says.

use std::collections::BTreeMap;

use goldsmith_aws::operator::Alarm;
use goldsmith_domain::names::{AccountId, AmiId, Environment, RecipeName, Region};
use goldsmith_domain::problem::Problem;
use goldsmith_domain::release::Release;
use jiff::Timestamp;
use serde::Serialize;

use crate::results::Counts;

/// The status of a stack.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// The environment.
    pub environment: Environment,
    /// The building account.
    pub account: AccountId,
    /// The building Region.
    pub region: Region,
    /// Whether the documents say `pause`.
    pub pause: bool,
    /// The last run of reconcile.
    pub last_run: Option<LastRun>,
    /// Every recipe of the documents, and those that left and still have a pipeline.
    pub recipes: Vec<RecipeStatus>,
    /// What the schedule does.
    pub schedule: ScheduleStatus,
    /// What is wrong with the documents.
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub more_problems: usize,
    /// What needs a person, or waits, and is about no recipe alone.
    pub reasons: Vec<Reason>,
    /// The alarms that are on; none if they were not read.
    pub alarms: Option<Vec<AlarmStatus>>,
    /// How many events are in the failure queue; none if that was not read.
    pub failed_events: Option<u64>,
    /// What could not be read, and why.
    pub not_shown: Vec<String>,
}

/// A run of reconcile.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LastRun {
    /// When it began.
    pub time: String,
    /// The commit of the documents.
    pub commit: Option<String>,
    /// The release of goldsmith that ran, if it says so.
    pub release: Option<Release>,
    /// The documents, with their S3 versions.
    pub documents: BTreeMap<String, String>,
    /// How much it changed.
    pub changes: usize,
}

/// A recipe.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecipeStatus {
    /// Its name.
    pub recipename: RecipeName,
    /// Whether it is in no document any more, and only its pipeline is left.
    pub left: bool,
    /// Whether the schedule rebuilds it; none if the documents cannot be used.
    pub scheduled: Option<bool>,
    /// Whether its pipeline is disabled, so that the schedule skips it.
    pub disabled: bool,
    /// What consumers get.
    pub published: Option<Published>,
    /// The newest build, if it is not the published image.
    pub newest: Option<Build>,
    /// Why it waits, is refused or failed.
    pub reasons: Vec<Reason>,
}

/// What consumers get of a recipe.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Published {
    /// The image.
    pub image: String,
    /// Its version and build.
    pub version: String,
    /// When its build began.
    pub created: Option<String>,
    /// Our AMIs, by Region.
    pub amis: BTreeMap<Region, AmiId>,
    /// The copies, by account and Region.
    pub copies: BTreeMap<AccountId, BTreeMap<Region, AmiId>>,
    /// What tests and scans found on it, if that was read.
    pub results: Option<Counts>,
}

/// A build.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Build {
    /// The image.
    pub image: String,
    /// Its version and build.
    pub version: String,
    /// Its state, as Image Builder spells it.
    pub state: String,
    /// When it began.
    pub created: Option<String>,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// The state in which it failed, and the step, as far as Image Builder says it.
    pub failed_in: Option<String>,
    /// AMIs that it has made, and that nobody gets.
    pub leftover: BTreeMap<Region, AmiId>,
    /// The AMI that its tests ran on.
    #[serde(skip)]
    pub tested: Option<AmiId>,
    /// What tests and scans found on it, if that was read.
    pub results: Option<Counts>,
}

/// What the schedule does.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScheduleStatus {
    /// The expression of the build rule.
    pub expression: Option<String>,
    /// Whether the rule fires at all.
    pub enabled: bool,
    /// When it fires next; none for a rate.
    pub next: Option<Timestamp>,
    /// The last scheduled run.
    pub last: Option<ScheduledRun>,
    /// When it should have fired, if it did not.
    pub missed: Option<Timestamp>,
}

/// A run of scheduled-build by the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScheduledRun {
    /// When it ended.
    pub time: String,
    /// The recipes whose builds it started.
    pub started: Vec<String>,
    /// Those that it left, and why.
    pub skipped: Vec<(String, String)>,
    /// What failed.
    pub failed: Vec<String>,
}

/// Why something waits, is refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Reason {
    /// What it means for people.
    pub state: ReasonState,
    /// The kind, as reports have it.
    pub kind: String,
    /// What it is about.
    pub target: String,
    /// Why, as a sentence.
    #[serde(rename = "reason")]
    pub why: String,
    /// The command that helps, if one does.
    pub help: Option<String>,
}

/// What a reason means for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonState {
    /// It needs a person.
    Refused,
    /// AWS rejected it.
    Failed,
    /// It needs what failed.
    NotAttempted,
    /// It will be right later.
    Waiting,
}

impl ReasonState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NotAttempted => "not attempted",
            Self::Waiting => "waiting",
        }
    }
}

/// An alarm that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlarmStatus {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
}

impl From<Alarm> for AlarmStatus {
    fn from(Alarm { name, description }: Alarm) -> Self {
        Self { name, description }
    }
}

impl Status {
    /// Whether something needs a person.
    pub fn needs_person(&self) -> bool {
        let is_urgent = |reason: &Reason| reason.state != ReasonState::Waiting;
        let recipes = self.recipes.iter().any(|recipe| {
            recipe.reasons.iter().any(is_urgent)
                || recipe.newest.as_ref().is_some_and(Build::ended_badly)
        });
        let schedule = &self.schedule;
        let last_failed = schedule
            .last
            .as_ref()
            .is_some_and(|last| !last.failed.is_empty());
        recipes
            || self.reasons.iter().any(is_urgent)
            || !self.problems.is_empty()
            || schedule.missed.is_some()
            || last_failed
            || self
                .alarms
                .as_ref()
                .is_some_and(|alarms| !alarms.is_empty())
            || self.failed_events.is_some_and(|events| events > 0)
    }
}

impl Build {
    /// Whether it ended without an image.
    pub fn ended_badly(&self) -> bool {
        matches!(self.state.as_str(), "FAILED" | "CANCELLED")
    }
}
