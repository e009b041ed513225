//! Everything that is stored: plain types without handlers.

pub(crate) mod build_failure;
pub(crate) mod component;
pub(crate) mod dependencies;
pub(crate) mod distribution;
pub(crate) mod ec2;
pub(crate) mod event_fault;
pub(crate) mod execution;
pub(crate) mod failure;
pub(crate) mod image;
pub(crate) mod infrastructure;
pub(crate) mod lifecycle_execution;
pub(crate) mod lifecycle_policy;
pub(crate) mod lifecycle_rule;
pub(crate) mod notification;
pub(crate) mod pipeline;
pub(crate) mod recipe;
pub(crate) mod scan;
pub(crate) mod schedule;
pub(crate) mod task;
pub(crate) mod workflow;
pub(crate) mod workflow_list;
