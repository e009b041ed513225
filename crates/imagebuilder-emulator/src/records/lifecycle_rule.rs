//! The rules of lifecycle policies: the action, the images, and the exclusions.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    common::tags::Tags,
    records::ec2::ami::{Ami, LaunchPermission},
};

/// `policyDetails[]`: one rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyDetail {
    pub action: PolicyAction,
    pub filter: Filter,
    pub exclusion_rules: Option<ExclusionRules>,
}

/// What a rule does, and to what besides the image resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyAction {
    #[serde(rename = "type")]
    pub kind: ActionName,
    pub include_resources: Option<IncludeResources>,
}

/// An action; the order is the one in which a policy's rules are looked at (User Guide, "Rule
/// priority and evaluation order"). AVAILABLE is not for policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum ActionName {
    Deprecate,
    Disable,
    Delete,
    Available,
}

/// `includeResources`; absent is false.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct IncludeResources {
    pub amis: Option<bool>,
    pub snapshots: Option<bool>,
    pub containers: Option<bool>,
}

impl IncludeResources {
    /// Whether AMIs are included.
    pub fn amis(self) -> bool {
        self.amis == Some(true)
    }

    /// Whether the AMIs' snapshots are included.
    pub fn snapshots(self) -> bool {
        self.snapshots == Some(true)
    }

    /// Whether container images are included.
    pub fn containers(self) -> bool {
        self.containers == Some(true)
    }
}

/// Which images a rule is for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    #[serde(rename = "type")]
    pub kind: FilterType,
    /// Units of time, or images to keep.
    pub value: u32,
    pub unit: Option<TimeUnit>,
    /// Images to keep, whatever their age. Matters to DELETE only, as the model says.
    pub retain_at_least: Option<u32>,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum FilterType {
    Age,
    Count,
}

/// A unit of time; months and years are the calendar's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the service's")]
pub(crate) enum TimeUnit {
    Days,
    Weeks,
    Months,
    Years,
}

impl TimeUnit {
    /// The moment so many units before another.
    pub fn before(self, value: u32, now: Timestamp) -> Timestamp {
        let (value, now) = (i64::from(value), now.to_zoned(TimeZone::UTC));
        let span = match self {
            Self::Days => Span::new().try_days(value),
            Self::Weeks => Span::new().try_weeks(value),
            Self::Months => Span::new().try_months(value),
            Self::Years => Span::new().try_years(value),
        };
        span.map_or(Timestamp::MIN, |span| now.saturating_sub(span).timestamp())
    }
}

impl Filter {
    /// Whether something of that date is old enough for an AGE rule; for COUNT age does not matter.
    pub fn is_old_enough(&self, created: Timestamp, now: Timestamp) -> bool {
        match (self.kind, self.unit) {
            (FilterType::Age, Some(unit)) => created <= unit.before(self.value, now),
            (FilterType::Age, None) => false,
            (FilterType::Count, _) => true,
        }
    }

    /// How many of the newest images of a recipe version a DELETE rule keeps.
    pub fn kept(&self) -> u32 {
        match self.kind {
            FilterType::Age => self.retain_at_least.unwrap_or_default(),
            FilterType::Count => self.value,
        }
    }
}

/// What a rule spares.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExclusionRules {
    /// Tags of the image resource.
    pub tag_map: Option<Tags>,
    pub amis: Option<AmiExclusionRules>,
}

/// The AMIs that a rule spares.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmiExclusionRules {
    pub is_public: Option<bool>,
    pub regions: Option<Vec<String>>,
    pub shared_accounts: Option<Vec<String>>,
    pub last_launched: Option<LastLaunched>,
    /// Tags that the AMI has in its owner's account.
    pub tag_map: Option<Tags>,
}

/// A period before now.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct LastLaunched {
    pub value: u32,
    pub unit: TimeUnit,
}

impl AmiExclusionRules {
    /// The first rule that spares an AMI, in the order of the User Guide ("AMI exclusion rule
    /// evaluation order"). The texts are not recorded anywhere.
    pub fn spares(&self, ami: &Ami, now: Timestamp) -> Option<&'static str> {
        if self
            .regions
            .iter()
            .flatten()
            .any(|region| *region == ami.region)
        {
            return Some("The AMI is in an excluded Region.");
        }
        if self.is_public == Some(true) && ami.is_public() {
            return Some("The AMI is public.");
        }
        if ami
            .tags
            .get(&ami.owner)
            .is_some_and(|tags| share_a_tag(self.tag_map.as_ref(), tags))
        {
            return Some("The AMI has an excluded tag.");
        }
        if self
            .shared_accounts
            .iter()
            .flatten()
            .any(|account| is_shared(ami, account))
        {
            return Some("The AMI is shared with an excluded account.");
        }
        let period = self
            .last_launched
            .map(|last| last.unit.before(last.value, now));
        let recent =
            period.is_some_and(|start| ami.last_launched.is_some_and(|last| last >= start));
        recent.then_some("The AMI was launched recently.")
    }
}

fn is_shared(ami: &Ami, account: &str) -> bool {
    ami.permissions
        .contains(&LaunchPermission::User(account.to_owned()))
}

/// Whether something has one of the wanted tags, key and value.
pub(crate) fn share_a_tag(wanted: Option<&Tags>, tags: &Tags) -> bool {
    wanted
        .into_iter()
        .flatten()
        .any(|(key, value)| tags.get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{common::tags::OwnedTags, engine::seed::defaults, state::State};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_and_years_are_the_calendars() {
        let now = time("2026-03-31T12:00:00Z");
        let before = |unit: TimeUnit, value| unit.before(value, now).to_string();
        assert_eq!(before(TimeUnit::Days, 1), "2026-03-30T12:00:00Z");
        assert_eq!(before(TimeUnit::Weeks, 2), "2026-03-17T12:00:00Z");
        assert_eq!(before(TimeUnit::Months, 1), "2026-02-28T12:00:00Z");
        assert_eq!(before(TimeUnit::Years, 2), "2024-03-31T12:00:00Z");
        assert_eq!(TimeUnit::Years.before(u32::MAX, now), Timestamp::MIN);
    }

    /// A private AMI in us-east-1 that was launched on the first of March.
    fn ami() -> Ami {
        let mut state = State::default();
        defaults().insert_into(&mut state, time("2026-01-01T00:00:00Z"));
        let ami = state.ec2.amis.values().next().unwrap().clone();
        let tags = Tags::from_iter([("stage".into(), "prod".into())]);
        Ami {
            permissions: [LaunchPermission::User("222222222222".to_owned())].into(),
            tags: OwnedTags::from_iter([(ami.owner.clone(), tags)]),
            last_launched: Some(time("2026-03-01T00:00:00Z")),
            ..ami
        }
    }

    #[test]
    fn every_exclusion_rule_spares_what_it_names_and_nothing_else() {
        let (ami, now) = (ami(), time("2026-03-08T00:00:00Z"));
        let rules =
            |json: serde_json::Value| serde_json::from_value::<AmiExclusionRules>(json).unwrap();
        for (hit, miss) in [
            (
                serde_json::json!({"regions": ["us-east-1"]}),
                serde_json::json!({"regions": ["eu-west-1"]}),
            ),
            (
                serde_json::json!({"tagMap": {"stage": "prod", "x": "y"}}),
                serde_json::json!({"tagMap": {"stage": "test"}}),
            ),
            (
                serde_json::json!({"sharedAccounts": ["222222222222"]}),
                serde_json::json!({"sharedAccounts": ["333333333333"]}),
            ),
            (
                serde_json::json!({"lastLaunched": {"value": 1, "unit": "WEEKS"}}),
                serde_json::json!({"lastLaunched": {"value": 6, "unit": "DAYS"}}),
            ),
        ] {
            assert!(rules(hit.clone()).spares(&ami, now).is_some(), "{hit}");
            assert!(rules(miss.clone()).spares(&ami, now).is_none(), "{miss}");
        }
        let public = Ami {
            permissions: [LaunchPermission::All].into(),
            ..ami.clone()
        };
        assert!(
            rules(serde_json::json!({"isPublic": true}))
                .spares(&public, now)
                .is_some()
        );
        assert!(
            rules(serde_json::json!({"isPublic": false}))
                .spares(&public, now)
                .is_none()
        );
        assert!(
            rules(serde_json::json!({"isPublic": true}))
                .spares(&ami, now)
                .is_none()
        );
    }

    #[test]
    fn an_ami_that_was_never_launched_is_not_spared() {
        let never = Ami {
            last_launched: None,
            ..ami()
        };
        let last_launched = Some(LastLaunched {
            value: 365,
            unit: TimeUnit::Years,
        });
        let rules = AmiExclusionRules {
            last_launched,
            ..AmiExclusionRules::default()
        };
        assert_eq!(rules.spares(&never, time("2026-03-08T00:00:00Z")), None);
    }
}
