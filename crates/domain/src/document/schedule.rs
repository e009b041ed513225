//! `schedule` of an environment.

use super::reader::Cursor;
use crate::names::ScheduleExpression;

/// A schedule that `EventBridge` takes; a problem with one names the field that it refuses.
pub(super) fn read(at: Cursor<'_>) -> Option<ScheduleExpression> {
    let text = at.text()?;
    let Some(flaw) = ScheduleExpression::flaw(text) else {
        return at.parsed();
    };
    let problem = at.problem(ScheduleExpression::EXPECTED).hint(flaw);
    at.record(problem);
    None
}
