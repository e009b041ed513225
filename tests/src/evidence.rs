//! What the functions have called in a scenario, for `tests/evidence_test.py`: it compares it with what their roles may
//! call.

use std::collections::BTreeMap;
use std::path::Path;

use local_stack::{Function, Stack};
use serde_json::Value;

/// Names the folder that the calls are written to. Nothing is written without it.
const FOLDER: &str = "GOLDSMITH_EVIDENCE";

/// Calls by operation, as reports have them.
type Calls = BTreeMap<String, u64>;

/// Writes what each function of a stack has called so far, one file for each. A later record of the stack replaces it.
pub async fn record(stack: &Stack) {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    for function in Function::ALL {
        let lines = stack.logs_of(function).await.expect("the function's log");
        let calls = lines.iter().filter_map(|line| reported(line));
        let calls = calls.fold(Calls::new(), added);
        let of_stack = stack.endpoints.aws.rsplit(':').next().unwrap_or_default();
        let name = format!("{}.{}.{of_stack}.json", function.name(), std::process::id());
        let text = serde_json::to_vec(&calls).expect("JSON");
        std::fs::write(Path::new(&folder).join(name), text).expect("the folder of evidence");
    }
}

/// The calls of the report in a line of a function's log, if it has one.
fn reported(line: &str) -> Option<Calls> {
    let line: Value = serde_json::from_str(line).ok()?;
    let report: Value = serde_json::from_str(line.pointer("/fields/report")?.as_str()?).ok()?;
    serde_json::from_value(report.get("calls")?.clone()).ok()
}

fn added(mut all: Calls, more: Calls) -> Calls {
    for (call, count) in more {
        *all.entry(call).or_default() += count;
    }
    all
}
