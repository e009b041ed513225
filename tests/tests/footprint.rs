//! How much room the functions take.
#![expect(clippy::print_stdout, reason = "measurements are printed for people")]

use std::fs;

use goldsmith_tests::{Documents, Factory, Process, group_members, image_event};
use local_stack::{Function, workspace_root};
use serde_json::{Value, json};

const INVOKES: usize = 10;

/// A function has 256 MB; more than this would show that something is read or kept as a whole.
const MOST_MEMORY_KIB: u64 = 40 * 1024;

/// Lambda loads the zip at each cold start. It has 5.65 MB, of which 0.6 are tables of checksums that S3's SDK brings; the
/// rest is room for what is still to come (docs/performance.md).
const LARGEST_ZIP: u64 = 5_700_000;

#[tokio::test]
async fn ten_invokes_take_little_memory() {
    let factory = Factory::with(&Documents::sample()).await;
    let image = factory.recipe("110304").await.newest().arn.clone();
    let requests = [
        (Function::Reconcile, json!({})),
        (
            Function::ScheduledBuild,
            json!({ "recipenames": "110304", "token": "one build" }),
        ),
        (Function::ImageEvents, image_event(&image, "AVAILABLE")),
    ];
    for (function, request) in &requests {
        invoke(&factory, *function, request).await;
    }

    for (function, _) in requests {
        let peak = peak_of(&factory, function);
        println!(
            "{}: VmHWM {peak} KiB after {INVOKES} invokes",
            function.name()
        );
        assert!(peak <= MOST_MEMORY_KIB, "{}: {peak} KiB", function.name());
    }
    factory.until_quiet().await;
    factory.assert_settled().await;
}

async fn invoke(factory: &Factory, function: Function, request: &Value) {
    for _ in 0..INVOKES {
        let answer = factory.invoke(function, request).await.expect("an answer");
        assert!(!answer.failed, "{}: {:#}", function.name(), answer.payload);
    }
}

/// The highest peak of the function's processes.
fn peak_of(factory: &Factory, function: Function) -> u64 {
    let name = factory.name_of(function);
    let is_ours =
        |process: &Process| process.variable("AWS_LAMBDA_FUNCTION_NAME").as_deref() == Some(name);
    let members = group_members(factory.process_group());
    let bootstraps = members
        .iter()
        .filter(|process| process.name == "bootstrap" && is_ours(process));
    bootstraps
        .filter_map(Process::peak_kib)
        .max()
        .unwrap_or_else(|| panic!("no process of {name}: {members:#?}"))
}

#[test]
fn the_zip_is_small() {
    let path = workspace_root().join("target/lambda/bootstrap/bootstrap.zip");
    let zip = fs::metadata(&path);
    let size = zip
        .unwrap_or_else(|error| panic!("{}: {error}: run `make zips`", path.display()))
        .len();
    println!("bootstrap.zip: {size} bytes");
    assert!(size <= LARGEST_ZIP, "{size} bytes");
}
