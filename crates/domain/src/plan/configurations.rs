//! What recipes need around them: Regions, the build rule, and the configurations.

use super::change::{Action, Change, Configured};
use super::reason::{Refused, Waiting};
use super::record::Plan;
use super::view::View;
use crate::desired::{Desired, Drift};
use crate::difference::{Describe, between, sentence};
use crate::names::{Digest, RecipeName, Region};
use crate::observed::{Configuration, Rule, Subject, is_owned};
use crate::resources::{self, Digested, Distribution, RegionDistribution};

/// Refuses Regions that images cannot go to.
pub(super) fn check_regions(view: View<'_>, plan: &mut Plan) {
    for region in resources::regions_without_key(view.desired, view.stack) {
        plan.refuse(region, Refused::RegionWithoutKey(region.clone()));
    }
    for (region, reason) in view.unusable_regions() {
        plan.refuse(&region.clone(), Refused::Region { region, reason });
    }
    for (region, key, reason) in view.foreign_former_keys() {
        plan.refuse(&region.clone(), Refused::FormerKey { key, reason });
    }
    let settings = view.desired.regions.get(&view.stack.region);
    let here = settings.and_then(|region| region.kms_key.as_ref());
    if let Some(key) = here.filter(|key| **key != view.stack.key) {
        let (named, stack) = (key.clone(), view.stack.key.clone());
        plan.refuse(
            &view.stack.region,
            Refused::BuildingRegionKey { named, stack },
        );
    }
}

/// How `EventBridge` spells the state of a rule that fires, and of one that does not. A third state fires, too.
const RULE_ENABLED: &str = "ENABLED";
const RULE_DISABLED: &str = "DISABLED";

/// Sets the schedule of the build rule, and enables it if somebody disabled it: patches would reach no
/// image any more. The documents' `pause` stops builds instead.
pub(super) fn schedule(view: View<'_>, plan: &mut Plan) {
    // An unread rule is reported; `PutRule` would replace what is not seen of it.
    if view.check_read(&Subject::Rule).is_err() {
        return;
    }
    let rule = &view.observed.rule;
    let schedule = view.desired.schedule.as_ref().map(ToString::to_string);
    let faults = rule_faults(rule);
    let repairs = view.desired.drift == Drift::Repair;
    if !repairs && !faults.is_empty() {
        let (subject, differences) = (rule.name.clone(), faults.join("; "));
        plan.wait(
            &rule.name,
            Waiting::Drift {
                subject,
                differences,
            },
        );
    }
    let is_disabled = repairs && rule.state.as_deref() == Some(RULE_DISABLED);
    let enabled = is_disabled.then(|| RULE_ENABLED.to_owned());
    let target = rule.has_target.map(|has| has || repairs);
    let wanted = Rule {
        schedule: schedule.or_else(|| rule.schedule.clone()),
        state: enabled.or_else(|| rule.state.clone()),
        has_target: target,
        ..rule.clone()
    };
    if wanted != *rule {
        let repaired = (repairs && !faults.is_empty()).then(|| faults.join("; "));
        plan.change(Change::from(Action::PutRule(wanted)).repairing(repaired));
    }
}

/// What somebody did to the build rule, in words.
fn rule_faults(rule: &Rule) -> Vec<String> {
    let disabled = rule.state.as_deref() == Some(RULE_DISABLED);
    let disabled = disabled.then(|| format!("state: {RULE_DISABLED}, wanted {RULE_ENABLED}"));
    let lost = rule.has_target == Some(false);
    let lost = lost.then(|| "target: none, wanted scheduled-build".to_owned());
    disabled.into_iter().chain(lost).collect()
}

/// A configuration that is as the documents want it once the plan is carried out.
pub(super) struct Brought {
    pub(super) arn: String,
    /// Whether the plan replaces what it said.
    pub(super) is_updated: bool,
}

/// Brings the infrastructure configuration to its digest.
pub(super) fn infrastructure(view: View<'_>, plan: &mut Plan) -> Result<Brought, Refused> {
    view.check_read(&Subject::InfrastructureConfigurations)?;
    view.check_subnet()?;
    view.check_instance_profile()?;
    let Digested { content, digest } = view.wanted().infrastructure().clone();
    let arn = view.wanted().infrastructure_arn().to_owned();
    let mut all = view.observed.infrastructure.iter();
    let existing = all.find(|configuration| configuration.arn == arn);
    let state = state(view, existing, &content, &digest)?;
    if matches!(state, ConfigurationState::Other { .. }) {
        check_instance_types(view)?;
    }
    let wanted = configured(view.desired, &arn, content, &digest);
    let (create, update) = (Action::CreateInfrastructure, Action::UpdateInfrastructure);
    Ok(bring(state, wanted, create, update, plan))
}

/// Refuses instance types on which what is built today could not be built any more: their recipes do not change,
/// and so nothing else looks at their bases.
fn check_instance_types(view: View<'_>) -> Result<(), Refused> {
    let built = view.desired.recipes.iter().filter(|entry| {
        let pipeline = view.pipeline(&entry.name);
        pipeline.is_some_and(|pipeline| is_owned(&pipeline.tags, &view.desired.environment))
    });
    let catalog = view.catalog();
    let bases: Vec<_> = built
        .filter_map(|entry| {
            let ami = view.base_ami(entry)?;
            Some((catalog?.base_amis.get(&ami)?, ami))
        })
        .collect();
    view.check_instance_types(bases.iter().map(|(base, ami)| (ami, *base)))
}

/// Brings the distribution configuration of a recipe to its digest.
pub(super) fn distribution(
    view: View<'_>,
    recipe: &RecipeName,
    plan: &mut Plan,
) -> Result<Brought, Refused> {
    view.check_read(&Subject::DistributionConfigurations)?;
    let arn = view.wanted().names(recipe).distribution;
    let existing = view.distribution_configuration(&arn);
    let wanted = view.wanted().distribution(recipe);
    let Digested { content, digest } = without_unusable_regions(view, existing, wanted);
    let state = state(view, existing, &content, &digest)?;
    let wanted = configured(view.desired, &arn, content, &digest);
    let (create, update) = (Action::CreateDistribution, Action::UpdateDistribution);
    Ok(bring(state, wanted, create, update, plan))
}

fn bring<T>(
    state: ConfigurationState,
    wanted: Configured<T>,
    create: fn(Configured<T>) -> Action,
    update: fn(Configured<T>) -> Action,
    plan: &mut Plan,
) -> Brought {
    let arn = wanted.arn.clone();
    let is_updated = matches!(state, ConfigurationState::Other { .. });
    match state {
        ConfigurationState::Absent => plan.change_once(create(wanted)),
        ConfigurationState::Other { by_hand } => {
            plan.change_once(Change::from(update(wanted)).repairing(by_hand));
        }
        ConfigurationState::Drifted(differences) => {
            let subject = arn.clone();
            plan.wait_once(
                &arn,
                Waiting::Drift {
                    subject,
                    differences,
                },
            );
        }
        ConfigurationState::Same => {}
    }
    Brought { arn, is_updated }
}

/// The content without Regions that cannot be used, unless the configuration has them already: what
/// works is not taken away because a fact was read at a bad moment.
fn without_unusable_regions(
    view: View<'_>,
    existing: Option<&Configuration<Distribution>>,
    wanted: Digested<Distribution>,
) -> Digested<Distribution> {
    let unusable = view.unusable_regions();
    let is_current =
        existing.is_some_and(|existing| existing.digest.as_ref() == Some(&wanted.digest));
    if is_current || unusable.is_empty() {
        return wanted;
    }
    let mut content = wanted.content;
    let today = existing
        .and_then(|existing| existing.content.as_ref())
        .map(|content| &content.known);
    let established = |region: &Region, entry: &RegionDistribution| {
        let before = today.and_then(|today| today.regions.get(region));
        before.is_some_and(|before| before.kms_key == entry.kms_key)
    };
    content
        .regions
        .retain(|region, entry| !unusable.contains_key(region) || established(region, entry));
    let digest = content.digest();
    Digested { content, digest }
}

/// The input for a configuration of ours.
pub(super) fn configured<T>(
    desired: &Desired,
    arn: &str,
    content: T,
    digest: &Digest,
) -> Configured<T> {
    Configured {
        arn: arn.to_owned(),
        content,
        description: resources::description(digest),
        tags: resources::owned_tags(desired),
    }
}

/// How a configuration compares with what is wanted.
enum ConfigurationState {
    /// There is none of this name.
    Absent,
    /// It says what is wanted.
    Same,
    /// It says something else; what of it somebody did by hand.
    Other { by_hand: Option<String> },
    /// Somebody changed it, which is only reported: how.
    Drifted(String),
}

/// Without the digest nobody knows what the documents wanted before: their change and the hand's are one difference.
const NOT_SEPARABLE: &str = ", so that a change of the documents cannot be told from it and waits as well; `goldsmith apply` with \
     `\"drift\": \"repair\"` makes all of it as the documents say";

/// How a configuration compares with what is wanted; refused if it is somebody else's.
fn state<T: Describe>(
    view: View<'_>,
    existing: Option<&Configuration<T>>,
    wanted: &T,
    digest: &Digest,
) -> Result<ConfigurationState, Refused> {
    let Some(existing) = existing else {
        return Ok(ConfigurationState::Absent);
    };
    if !is_owned(&existing.tags, &view.desired.environment) {
        return Err(Refused::ConfigurationNotOurs(existing.arn.clone()));
    }
    if existing
        .digest
        .as_ref()
        .is_some_and(|found| found != digest)
    {
        return Ok(ConfigurationState::Other { by_hand: None });
    }
    let members = existing.content.as_ref().map(Describe::members);
    let differences = members
        .map(|members| between(&members, &wanted.members()))
        .unwrap_or_default();
    // Each of our own updates writes the digest: whoever left the description out was somebody else.
    let is_ours = existing.digest.is_some();
    let told = match (is_ours, differences.is_empty()) {
        (true, true) => return Ok(ConfigurationState::Same),
        (true, false) => sentence(&differences),
        (false, true) => "its description does not have our digest any more".to_owned(),
        (false, false) => {
            sentence(&differences) + "; its description does not have our digest any more"
        }
    };
    match view.desired.drift {
        Drift::Repair => Ok(ConfigurationState::Other {
            by_hand: Some(told),
        }),
        Drift::Report if is_ours => Ok(ConfigurationState::Drifted(told)),
        Drift::Report => Ok(ConfigurationState::Drifted(told + NOT_SEPARABLE)),
    }
}
