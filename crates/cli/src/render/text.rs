//! A review as text: everything, for a terminal or a file.

use goldsmith_domain::review::Review;
use jiff::tz::TimeZone;

use super::escape::Plain;
use super::phrase;
use super::section::{Body, Section, sections};
use super::table::aligned;

/// The whole review, with times in the reader's zone.
pub fn render(review: &Review) -> String {
    render_in(review, &TimeZone::system())
}

/// The whole review, with times in `zone`.
pub fn render_in(review: &Review, zone: &TimeZone) -> String {
    let stack = &review.stack;
    let head = format!(
        "{} in {}, {}: {}\n",
        stack.environment,
        stack.account,
        stack.region,
        phrase::summary(review)
    );
    let sections = sections(review, &Plain, zone);
    std::iter::once(head)
        .chain(sections.iter().map(section))
        .collect()
}

fn section(section: &Section) -> String {
    let lines = match &section.body {
        Body::List(lines) => lines.iter().map(|line| format!("- {line}")).collect(),
        Body::Table(columns, rows) => aligned(columns, rows),
        Body::Diff(lines) => lines.clone(),
    };
    let lead = section.lead.iter().cloned();
    let body = lead
        .chain(lines)
        .map(|line| format!("  {line}\n"))
        .collect::<Vec<_>>()
        .concat();
    format!("\n{}\n{body}", section.title)
}
