//! Everything the emulator knows: Image Builder's resources, EC2's images, and what is under way.
//!
//! The state has no clock, no lock and no protocol: each change is given the time.

pub(crate) mod ec2;
pub(crate) mod event_faults;
pub(crate) mod images;
pub(crate) mod parameters;
pub(crate) mod task_queue;
pub(crate) mod tokens;
pub(crate) mod workflows;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{arn::Arn, store::Store, tags::Tags},
    records::{
        build_failure::BuildFailure, component::Component, dependencies::DependencyHistory,
        distribution::DistributionConfiguration, image::Image,
        infrastructure::InfrastructureConfiguration, lifecycle_execution::Execution,
        lifecycle_policy::LifecyclePolicy, notification::Notification, pipeline::Pipeline,
        recipe::Recipe, scan::Scans, task::Task,
    },
    state::{
        ec2::Ec2,
        event_faults::{EventFaults, Release},
        parameters::Parameters,
        task_queue::TaskQueue,
        tokens::Tokens,
        workflows::Workflows,
    },
};

/// The size of the outbox, two hundred builds: without an endpoint it may never be emptied.
const OUTBOX: usize = 1_000;

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
    pub runs: BTreeMap<Arn, DependencyHistory>,
    /// Image builds.
    pub images: Store<Arn, Image>,
    /// Lifecycle policies.
    pub lifecycle_policies: BTreeMap<Arn, LifecyclePolicy>,
    /// Lifecycle executions by id, finished ones too: they are the history.
    pub lifecycle_executions: BTreeMap<String, Execution>,
    /// The image builds that are under way: the quota counts them.
    pub running: BTreeSet<Arn>,
    /// What happens later by itself.
    #[serde(rename = "agenda")]
    pub tasks: TaskQueue,
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
    /// Faults of events.
    #[serde(rename = "troubles")]
    pub event_faults: EventFaults,
    /// Notifications that wait for delivery, oldest first, each as JSON text.
    outbox: VecDeque<Box<str>>,
    /// The Regions that were used; Amazon's resources are in each.
    pub regions: BTreeSet<String>,
}

impl State {
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
    pub fn record_build_number(&mut self, build: &Arn) {
        self.build_numbers
            .insert(build.versionless_build(), build.build.unwrap_or_default());
    }

    /// Puts a notification into the outbox, unless a fault changes its way.
    pub fn publish(&mut self, notification: Notification) {
        match notification {
            Notification::Event(event) => match self.event_faults.apply_to(event) {
                Release::Now(events) => self.publish_all(events),
                Release::Later(at, number) => self.tasks.add(at, Task::DeliverEvent(number)),
            },
            other @ (Notification::Topic { .. } | Notification::Function { .. }) => {
                self.post(&other);
            }
        }
    }

    /// Puts an event into the outbox whose delay is over.
    pub fn publish_delayed(&mut self, number: u64) {
        let event = self.event_faults.delayed(number);
        self.publish_all(event);
    }

    /// Puts events into the outbox as they are.
    pub fn publish_all(&mut self, events: impl IntoIterator<Item = Value>) {
        events
            .into_iter()
            .for_each(|event| self.post(&Notification::Event(event)));
    }

    /// Adds to the outbox; a full one loses its oldest notification.
    fn post(&mut self, notification: &Notification) {
        if self.outbox.len() == OUTBOX {
            self.outbox.pop_front();
        }
        // A notification is made of texts and JSON: writing it cannot fail.
        self.outbox
            .extend(serde_json::to_string(&notification).map(String::into_boxed_str));
    }

    /// How many are in the outbox.
    pub fn outbox_len(&self) -> usize {
        self.outbox.len()
    }

    /// Empties the outbox.
    pub fn take_notifications(&mut self) -> Vec<Notification> {
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
