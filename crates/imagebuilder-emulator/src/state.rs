//! Everything the emulator knows: Image Builder's resources, EC2's images, and what is under way.
//!
//! The state has no clock, no lock and no protocol: whoever changes it says what time it is.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    agenda::{Agenda, Task},
    arn::Arn,
    ec2::{AmiChanged, Ec2},
    events::{
        AmiChange, Notice,
        trouble::{Troubles, Way},
    },
    fault::BuildFailure,
    idempotency::Tokens,
    lifecycle::execution::Execution,
    parameters::Parameters,
    resources::{
        component::Component, distribution::DistributionConfiguration, image::Image,
        infrastructure::InfrastructureConfiguration, lifecycle_policy::LifecyclePolicy, managed,
        managed_images, managed_workflows, pipeline::Pipeline, recipe::Recipe, scan::Scans,
        workflow::Workflows,
    },
    schedule::Memory,
    small_map::SmallMap,
    store::Store,
    text::Text,
};

/// The size of the outbox, two hundred builds: without an endpoint nobody may ever empty it.
const OUTBOX: usize = 1_000;

/// Tags of a resource.
pub(crate) type Tags = SmallMap<Text>;

/// Tags by the account that made them: also on a shared AMI each account sees its own only.
pub(crate) type OwnedTags = SmallMap<Tags>;

/// The store. Every map is ordered by ARN: a Region, account and kind are a range of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Component builds, Amazon's among them.
    pub components: BTreeMap<Arn, Component>,
    /// Recipes; images share them.
    pub recipes: BTreeMap<Arn, Arc<Recipe>>,
    /// Infrastructure configurations; images share them as they were at the start.
    pub infrastructures: BTreeMap<Arn, Arc<InfrastructureConfiguration>>,
    /// Distribution configurations; images share them as they were at the start.
    pub distributions: BTreeMap<Arn, Arc<DistributionConfiguration>>,
    /// Workflow builds, Amazon's among them.
    pub workflows: Workflows,
    /// Pipelines.
    pub pipelines: BTreeMap<Arn, Pipeline>,
    /// What the builds of pipelines were made from.
    pub runs: BTreeMap<Arn, Memory>,
    /// Image builds.
    pub images: Store<Arn, Image>,
    /// Lifecycle policies.
    pub lifecycle_policies: BTreeMap<Arn, LifecyclePolicy>,
    /// Lifecycle executions by id, finished ones too: they are the history.
    pub lifecycle_executions: BTreeMap<String, Execution>,
    /// The image builds that are under way: the quota counts them.
    pub running: BTreeSet<Arn>,
    /// What happens later by itself.
    pub agenda: Agenda,
    /// How many images there were ever: each has a number of its own.
    pub serials: u32,
    /// The highest build number ever given to a version; a deleted build's is not given again.
    pub build_numbers: BTreeMap<Arn, u32>,
    /// Answers to client tokens.
    pub tokens: Tokens,
    /// AMIs and snapshots.
    pub ec2: Ec2,
    /// SSM parameters that name AMIs.
    pub parameters: Parameters,
    /// What scans find, and found.
    pub scans: Scans,
    /// Builds that are to fail.
    pub failures: Vec<BuildFailure>,
    /// Events that are to go astray.
    pub troubles: Troubles,
    /// Events and notifications that nobody has taken yet, oldest first, each as JSON text.
    outbox: VecDeque<Box<str>>,
    regions: BTreeSet<String>,
}

impl State {
    /// Puts what Amazon manages into a Region, the first time it is used.
    pub fn open_region(&mut self, region: &str) {
        if self.regions.insert(region.to_owned()) {
            let components = managed::components(region);
            self.components
                .extend(components.map(|component| (component.arn.clone(), component)));
            managed_workflows::workflows(region).for_each(|workflow| self.workflows.add(workflow));
            managed_images::plant(self, region);
        }
    }

    /// A number that no image had before.
    pub fn next_serial(&mut self) -> u32 {
        self.serials += 1;
        self.serials
    }

    /// The next build of a version.
    pub fn next_build(&self, version: &Arn) -> Arn {
        version.build(self.build_numbers.get(version).copied().unwrap_or_default() + 1)
    }

    /// Remembers the number of a build that was made.
    pub fn number_given(&mut self, build: &Arn) {
        self.build_numbers
            .insert(build.versionless_build(), build.build.unwrap_or_default());
    }

    /// Puts something into the outbox, unless it is an event that is to go astray.
    pub fn tell(&mut self, notice: Notice) {
        match notice {
            Notice::Event(event) => match self.troubles.meet(event) {
                Way::Out(events) => self.tell_events(events),
                Way::Later(at, number) => self.agenda.enter(at, Task::Tell(number)),
            },
            other @ (Notice::Topic { .. } | Notice::Function { .. }) => self.post(&other),
        }
    }

    /// Tells what has become of AMIs, as EC2 does.
    pub fn tell_ami_changes(&mut self, at: Timestamp) {
        for change in self.ec2.take_changes() {
            let AmiChanged {
                id,
                owner,
                region,
                state,
            } = &change;
            let event = AmiChange {
                image: id,
                account: owner,
                region,
                state,
                at,
            };
            self.tell(Notice::Event(event.event()));
        }
    }

    /// Puts an event into the outbox whose delay is over.
    pub fn tell_delayed(&mut self, number: u64) {
        let event = self.troubles.delayed(number);
        self.tell_events(event);
    }

    /// Puts events into the outbox as they are.
    pub fn tell_events(&mut self, events: impl IntoIterator<Item = Value>) {
        events
            .into_iter()
            .for_each(|event| self.post(&Notice::Event(event)));
    }

    /// The oldest in the outbox is forgotten if nobody takes it.
    fn post(&mut self, notice: &Notice) {
        if self.outbox.len() == OUTBOX {
            self.outbox.pop_front();
        }
        // A notice is made of texts and JSON: writing it cannot fail.
        self.outbox
            .extend(serde_json::to_string(&notice).map(String::into_boxed_str));
    }

    /// How many are in the outbox.
    pub fn outbox_len(&self) -> usize {
        self.outbox.len()
    }

    /// Empties the outbox.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.outbox
            .drain(..)
            .filter_map(|text| serde_json::from_str(&text).ok())
            .collect()
    }

    /// The tags of the resource with exactly this ARN.
    pub fn tags(&mut self, arn: &Arn) -> Option<&mut Tags> {
        if let Some(component) = self.components.get_mut(arn) {
            return Some(&mut component.tags);
        }
        if let Some(recipe) = self.recipes.get_mut(arn) {
            return Some(&mut Arc::make_mut(recipe).tags);
        }
        if let Some(infrastructure) = self.infrastructures.get_mut(arn) {
            return Some(&mut Arc::make_mut(infrastructure).tags);
        }
        if let Some(distribution) = self.distributions.get_mut(arn) {
            return Some(&mut Arc::make_mut(distribution).tags);
        }
        if let Some(policy) = self.lifecycle_policies.get_mut(arn) {
            return Some(&mut policy.tags);
        }
        if let Some(tags) = self.workflows.tags(arn) {
            return Some(tags);
        }
        let pipeline = self
            .pipelines
            .get_mut(arn)
            .map(|pipeline| &mut pipeline.tags);
        pipeline.or_else(|| self.images.get_mut(arn).map(|image| &mut image.tags))
    }
}

/// A map ordered by ARN.
pub(crate) trait ByArn<T> {
    /// What is at this ARN or follows it, in order.
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm;
}

impl<T> ByArn<T> for BTreeMap<Arn, T> {
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm,
    {
        self.range::<Arn, _>(first..)
    }
}

impl<T> ByArn<T> for Store<Arn, T> {
    fn from<'m>(&'m self, first: &Arn) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)>
    where
        T: 'm,
    {
        self.range::<Arn>(first..)
    }
}

/// The resources that a reference stands for, oldest version first.
pub(crate) fn covered<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    reference: &'m Arn,
) -> impl DoubleEndedIterator<Item = (&'m Arn, &'m T)> {
    series(map, reference)
        .into_iter()
        .filter(|(arn, _)| reference.covers(arn))
}

/// Every version of the same name, oldest first.
fn series<'m, T: 'm>(map: &'m impl ByArn<T>, of: &Arn) -> Vec<(&'m Arn, &'m T)> {
    map.from(&of.series())
        .take_while(|(arn, _)| arn.same_series(of))
        .collect()
}

/// The newest resource that a reference stands for.
pub(crate) fn newest<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    reference: &Arn,
) -> Option<(&'m Arn, &'m T)> {
    series(map, reference)
        .into_iter()
        .rev()
        .find(|(arn, _)| reference.covers(arn))
}

/// All resources of one kind in a Region of an account, in order.
pub(crate) fn all<'m, T: 'm>(
    map: &'m impl ByArn<T>,
    first: &'m Arn,
) -> impl Iterator<Item = (&'m Arn, &'m T)> {
    map.from(first).take_while(move |(arn, _)| {
        arn.kind == first.kind && arn.account == first.account && arn.region == first.region
    })
}
