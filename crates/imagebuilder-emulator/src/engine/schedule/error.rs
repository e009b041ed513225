//! Why a schedule is not valid.

/// Why a schedule is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleError {
    #[error("'{0}' is neither cron(...) nor rate(...).")]
    Form(String),
    /// Fewer than six fields; the number is that of the characters.
    #[error(
        "Invalid CRON expression: error at position {0}, details: Unexpected end of expression."
    )]
    TooShort(usize),
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

impl ScheduleError {
    /// The member of a pipeline that is wrong, and what AWS says of it. The text for an expression that
    /// ends too early was seen (terraform-provider-aws, issue 17396).
    pub fn in_pipeline(&self) -> (&'static str, String) {
        match self {
            Self::Zone(_) => ("schedule.timezone", self.to_string()),
            Self::Form(_)
            | Self::TooShort(_)
            | Self::Fields(_)
            | Self::Field { .. }
            | Self::Days
            | Self::Rate(_) => (
                "schedule.scheduleExpression",
                format!("Invalid schedule expression. Details: {self}"),
            ),
        }
    }
}
