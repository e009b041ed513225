//! What happens by itself and what operations cause: builds, schedules, lifecycle runs, events.

pub(crate) mod build;
pub(crate) mod ec2;
pub(crate) mod events;
pub(crate) mod lifecycle;
pub(crate) mod managed;
pub(crate) mod queue;
pub(crate) mod scan;
pub(crate) mod schedule;
pub(crate) mod scheduled_builds;
pub(crate) mod seed;
