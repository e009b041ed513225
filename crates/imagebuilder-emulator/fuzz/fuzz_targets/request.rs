//! Any bytes as a request of either protocol: an answer, never a panic. One emulator answers them
//! all, so that later requests meet what earlier ones have made. Debug assertions compare each
//! answer with the service model.
#![no_main]

use std::{cell::RefCell, time::Duration};

use bytes::Bytes;
use http::{Method, Request};
use imagebuilder_emulator::{Clock, Emulator, Options};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

/// Requests until the emulator is reset: without it the store, and each run, would grow for ever.
const REQUESTS: u32 = 500;

struct Target {
    emulator: Emulator,
    runtime: Runtime,
    requests: u32,
}

thread_local! {
    static TARGET: RefCell<Target> = RefCell::new(Target {
        emulator: Emulator::new(Options { clock: Clock::Manual, ..Options::default() }),
        runtime: Builder::new_current_thread().build().expect("a runtime"),
        requests: 0,
    });
}

/// The first line is method, service and path, what follows is the body.
fn request(data: &[u8]) -> Option<Request<Bytes>> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let mut words = std::str::from_utf8(&data[..end]).ok()?.split(' ');
    let (method, service, path) = (words.next()?, words.next()?, words.next()?);
    let scope = format!("Credential=111122223333/20260101/us-east-1/{service}/aws4_request");
    Request::builder()
        .method(Method::from_bytes(method.as_bytes()).ok()?)
        .uri(path)
        .header("authorization", format!("AWS4-HMAC-SHA256 {scope}"))
        .body(Bytes::copy_from_slice(&data[end + 1..]))
        .ok()
}

fuzz_target!(|data: &[u8]| {
    let Some(request) = request(data) else { return };
    TARGET.with_borrow_mut(|target| {
        let response = target.runtime.block_on(target.emulator.handle(request));
        assert!(response.status().as_u16() >= 200);
        target.emulator.advance(Duration::from_secs(60));
        target.requests += 1;
        if target.requests.is_multiple_of(REQUESTS) {
            target.emulator.reset();
        }
    });
});
