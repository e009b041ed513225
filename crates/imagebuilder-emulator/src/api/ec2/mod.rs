//! The actions of EC2, all listed in [`actions`].

pub(crate) mod account;
pub(crate) mod actions;
pub(crate) mod attribute;
pub(crate) mod copy;
pub(crate) mod describe;
pub(crate) mod image_filter;
pub(crate) mod image_state;
pub(crate) mod instance_action;
pub(crate) mod instance_type;
pub(crate) mod instance_view;
pub(crate) mod launch;
pub(crate) mod mapping;
pub(crate) mod network;
pub(crate) mod permission_change;
pub(crate) mod references;
pub(crate) mod region;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod snapshot;
pub(crate) mod snapshot_action;
pub(crate) mod subnet;
pub(crate) mod tags;
pub(crate) mod token;
