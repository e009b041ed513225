//! What a function costs that does nothing: `make bench` compares it with the real ones.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};

async fn hello(_: LambdaEvent<serde_json::Value>) -> Result<&'static str, Error> {
    Ok("hello")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}
