//! The beginning of a text, for reports.

/// The most characters of a value that a report quotes.
const LONGEST: usize = 120;

/// The beginning of a text, on one line.
pub(crate) fn short(text: &str) -> String {
    let line: String = text
        .chars()
        .take(LONGEST + 1)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
