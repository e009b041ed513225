//! The binary of every function; the variable `GOLDSMITH_FUNCTION` says which one it is.
//!
//! They share nearly all their code. Three binaries would take three links with fat LTO, some 45
//! seconds each on two cores, and each would be nearly as large as this one.

// The futures of three functions nest in the runtime's, a little deeper than the default of 128.
#![recursion_limit = "256"]

use goldsmith_function::serve;
use lambda_runtime::Error;

/// The variable that infra/ sets for each function.
const FUNCTION: &str = "GOLDSMITH_FUNCTION";

/// The process does not know which function it is.
#[derive(Debug, thiserror::Error)]
#[error(
    "{FUNCTION} is `{0}`, and must be `reconcile`, `scheduled-build` or `image-events`; \
     the stack's template sets it"
)]
struct UnknownFunction(String);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = std::env::var(FUNCTION).unwrap_or_default();
    match function.as_str() {
        "reconcile" => serve(reconcile::handle).await,
        "scheduled-build" => serve(scheduled_build::handle).await,
        "image-events" => serve(image_events::handle).await,
        _ => Err(UnknownFunction(function).into()),
    }
}
