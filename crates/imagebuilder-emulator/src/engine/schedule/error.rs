//! Why a schedule is not valid.

/// Why a schedule is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleError {
    #[error("'{0}' is neither cron(...) nor rate(...).")]
    Form(String),
    #[error("A cron expression has six fields with one space between them, not {0}.")]
    Fields(usize),
    #[error("'{text}' is not valid in the field '{field}'.")]
    Field { field: &'static str, text: String },
    #[error("Exactly one of the fields 'day' and 'day of the week' must be '?'.")]
    Days,
    #[error("'{0}' is not a rate such as '1 day' or '12 hours'.")]
    Rate(String),
    #[error("'{0}' is not a time zone of the IANA database.")]
    Zone(String),
}
