//! Schedules of pipelines: when they match, and what the end of a build means for them.

pub(crate) mod cron;
pub(crate) mod day;
pub(crate) mod dependencies;
pub(crate) mod error;
pub(crate) mod expression;
pub(crate) mod field;
pub(crate) mod history;
pub(crate) mod next_run;
