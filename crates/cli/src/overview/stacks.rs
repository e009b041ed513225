//! Asks AWS about a stack.

use goldsmith_aws::fault::{CallError, Fault, chain};
use goldsmith_aws::operator::{ContextError, Session, StackName};
use goldsmith_aws::{Aws, documents};
use goldsmith_domain::document::DocumentFile;

use super::model::{Found, Stack};
use crate::error::Hint as _;
use crate::operate::OperateError;
use crate::status;

/// What the stack says, and whether its documents are those in `files`.
pub async fn look(session: Session, name: StackName, files: &[DocumentFile]) -> Stack {
    let region = session.region();
    let operator = session.operator(name);
    let aws = match operator.look().await {
        Ok(aws) => aws,
        Err(ContextError::Call(error)) if error.fault == Fault::NotFound => {
            return Stack::Missing(region);
        }
        Err(error) => {
            let hint = error.hint().map(|hint| format!("; {hint}"));
            return Stack::NotAsked(chain(&error) + &hint.unwrap_or_default());
        }
    };
    match tokio::join!(status::of_stack(&aws, None), differing(&aws, files)) {
        (Ok(status), differing) => Stack::Found(Box::new(Found { status, differing })),
        (Err(OperateError::Call(error)), _) => Stack::NotAsked(denied(&error)),
        (Err(error), _) => Stack::NotAsked(chain(&error)),
    }
}

fn denied(error: &CallError) -> String {
    let hint = error.hint().map(|hint| format!("; {hint}"));
    chain(error) + &hint.unwrap_or_default()
}

/// How many of the files are not in the bucket as they are; none if the bucket cannot be read, or there are none.
async fn differing(aws: &Aws, files: &[DocumentFile]) -> Option<usize> {
    if files.is_empty() {
        return None;
    }
    let in_bucket = documents::current(aws).await.ok()?.files;
    let is_same = |file: &DocumentFile| {
        let mut same = in_bucket.iter().filter(|other| other.key == file.key);
        same.any(|other| other.bytes == file.bytes)
    };
    Some(files.iter().filter(|file| !is_same(file)).count())
}
