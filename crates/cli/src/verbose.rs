//! What `--verbose` shows: each call of AWS, when it has ended.

use goldsmith_aws::ShownCall;

use crate::printer::Printer;

/// Writes a line to stderr, so that the answer on stdout stays what scripts read.
pub fn show(call: &ShownCall) {
    Printer::from_process().stderr(&line(call));
}

fn line(call: &ShownCall) -> String {
    let ShownCall {
        operation,
        took,
        succeeded,
    } = call;
    let failed = if *succeeded { "" } else { ", refused" };
    format!("{operation}: {} ms{failed}", took.as_millis())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_has_the_operation_its_time_and_whether_aws_refused_it() {
        let call = |succeeded| ShownCall {
            operation: "s3:GetObject".to_owned(),
            took: Duration::from_micros(34_567),
            succeeded,
        };
        assert_eq!(line(&call(true)), "s3:GetObject: 34 ms");
        assert_eq!(line(&call(false)), "s3:GetObject: 34 ms, refused");
    }
}
