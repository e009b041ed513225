//! The embedded AWS: starts it, deploys the factory to it, and takes it away again.
//!
//! A [`Stack`] has three services. ministack runs in a process of its own: S3, Lambda, `EventBridge`,
//! KMS and the other services that the template names. The Image Builder emulator and a KMS proxy in
//! front of ministack's ([`Kms`]) run in this process. `infra/template.yaml` is deployed to them
//! unchanged, with the functions' real zips. Every stack has its own ports and its own directory, so
//! several run side by side. When a stack is dropped, and when this process dies in whatever way, its
//! processes go too.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use local_stack::{Config, Function, Stack};
//!
//! let stack = Stack::start(Config::default()).await?;
//! stack.put_document("ami-versions.json", b"{}".to_vec()).await?;
//! let plan = stack.invoke(Function::Reconcile, &serde_json::json!({ "dry-run": true })).await?;
//! println!("{}", plan.payload);
//! # Ok(())
//! # }
//! ```
//!
//! Before a stack can start there must be a virtual environment in `target/venv/stack` (made from
//! `requirements/stack.txt`) and the functions' zip in `target/lambda`; `make` makes both.

pub mod aws;
mod config;
mod directory;
mod embedded;
mod endpoints;
mod error;
mod http;
mod kms;
mod lifted;
mod ministack;
mod package;
mod report;
mod serving;
mod settle;
mod stack;

pub use config::{ACCOUNT, Config, REGION, SECRET, workspace_root};
pub use embedded::Embedded;
pub use endpoints::Endpoints;
pub use error::StartError;
pub use imagebuilder_emulator::{self, Clock, Emulator, Quotas};
pub use kms::Kms;
pub use ministack::StartError as MinistackError;
pub use package::PackageError;
pub use report::Totals;
pub use settle::SettleError;
pub use stack::{Function, Outputs, STACK, Stack};
