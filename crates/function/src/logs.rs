//! Where logs go and what is in them, as Lambda's advanced logging controls say (Lambda developer guide,
//! "Configuring advanced logging controls").
//!
//! The runtime's own way reads directives for each module. They bring regular expressions, which made a tenth of
//! the zip; a function has one level.

use tracing::level_filters::LevelFilter;

/// The variable with the level, which Lambda sets from the function's configuration.
const LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
/// The variable with the format.
const FORMAT: &str = "AWS_LAMBDA_LOG_FORMAT";

/// Logs to the standard output from now on, as `variable` says.
pub(crate) fn init(variable: impl Fn(&str) -> Option<String>) {
    let collector = tracing_subscriber::fmt()
        .with_target(false)
        .without_time()
        .with_max_level(level(variable(LEVEL).as_deref()));
    let is_json = variable(FORMAT).is_some_and(|format| format.eq_ignore_ascii_case("json"));
    if is_json {
        collector.json().init();
    } else {
        collector.init();
    }
}

/// `FATAL` is Lambda's word for what is below every level of ours.
fn level(said: Option<&str>) -> LevelFilter {
    match said.map(str::to_ascii_uppercase).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        Some(_) | None => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambda_s_levels_are_known() {
        for (said, is) in [
            (None, LevelFilter::INFO),
            (Some("INFO"), LevelFilter::INFO),
            (Some("debug"), LevelFilter::DEBUG),
            (Some("WARN"), LevelFilter::WARN),
            (Some("ERROR"), LevelFilter::ERROR),
            (Some("FATAL"), LevelFilter::ERROR),
            (Some("loud"), LevelFilter::INFO),
        ] {
            assert_eq!(level(said), is, "{said:?}");
        }
    }
}
