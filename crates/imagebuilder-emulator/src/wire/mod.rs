//! The two protocols: what is read from requests, and how answers are written.

pub(crate) mod ec2_answer;
pub(crate) mod ec2_filter;
pub(crate) mod input;
pub(crate) mod model;
pub(crate) mod outcome;
pub(crate) mod paging;
pub(crate) mod query;
pub(crate) mod rest_json;
pub(crate) mod scope;
pub(crate) mod xml;
