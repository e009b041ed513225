//! Observe and apply: the only crate that names `aws_sdk_*`.
//!
//! - [`Aws`] holds the clients of one stack, and counts their calls;
//! - [`documents`] reads what is wanted, [`observe()`] what exists;
//! - [`apply()`] carries out a plan; partial progress is data, not an error;
//! - [`publication`] publishes images, [`output`] stores reports, [`notify`] sends notifications;
//! - [`stack`] reads the names of the stack's resources;
//! - [`operator`] is for people: it invokes the functions, uploads documents and reads logs;
//! - [`fault`] is the error of a failed call, and what to do about it.

pub mod announce;
mod apply;
mod assumed;
mod at_once;
mod body;
mod bucket_policy;
pub mod build_log;
mod calls;
mod clients;
mod deadline;
mod document_set;
pub mod documents;
mod ec2;
pub mod etag;
mod failure;
pub mod fault;
mod findings;
mod http;
mod iam;
mod imagebuilder;
mod isolate;
mod json;
mod kept;
mod key_policy;
mod lambda;
mod lease;
mod logs;
mod memory;
mod nonce;
pub mod notify;
mod observe;
#[cfg(feature = "operator")]
pub mod operator;
pub mod output;
pub mod publication;
mod quarantine;
mod query;
pub mod results;
mod retry;
mod sbom;
mod scan;
mod signed;
mod sns;
mod ssm;
pub mod stack;
mod tagging;
pub mod upload;
mod verify;

pub use apply::{Applied, apply, apply_until, start_build};
pub use calls::CallCounter;
#[cfg(feature = "operator")]
pub use calls::{ShownCall, show_calls};
pub use clients::{Aws, StackResources};
pub use deadline::Deadline;
pub use imagebuilder::{ImageDetail, get_image, get_pipeline, is_of_another_environment};
pub use observe::{Lists, images, lists, look_and_plan, observe, pipelines};
pub use tagging::owe_build;
