//! What a function costs that does nothing: `make bench` compares it with the real ones.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

/// An empty report.
async fn hello(_: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({}))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}
