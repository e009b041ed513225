//! A review as text: everything, for a terminal or a file.

use goldsmith_domain::review::Review;
use jiff::tz::TimeZone;

use super::escape::Plain;
use super::phrase;
use super::section::{Body, Section, sections};
use super::table::aligned;
use super::wrap::{short, wrapped};

/// How wide a line may be: a terminal's width, or as wide as it gets.
pub type Width = Option<usize>;

/// The whole review, with times in the reader's zone.
pub fn render(review: &Review, width: Width) -> String {
    render_in(review, &TimeZone::system(), width)
}

/// The whole review, with times in `zone`.
pub fn render_in(review: &Review, zone: &TimeZone, width: Width) -> String {
    let stack = &review.stack;
    let head = format!(
        "{} in {}, {}: {}",
        stack.environment,
        stack.account,
        stack.region,
        phrase::summary(review)
    );
    let sections = sections(review, &Plain, zone);
    std::iter::once(line("", &head, width))
        .chain(sections.iter().map(|one| section(one, width)))
        .collect()
}

fn section(section: &Section, width: Width) -> String {
    let body: String = match &section.body {
        Body::List(lines) => lines.iter().map(|one| line("  - ", one, width)).collect(),
        Body::Table(columns, rows) => indented(&aligned(columns, rows)),
        Body::Diff(lines) => indented(lines),
    };
    let lead = section.lead.iter().map(|lead| line("  ", lead, width));
    let lead: String = lead.collect();
    format!("\n{}\n{lead}{body}", section.title)
}

fn indented(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["  ", line, "\n"]).collect()
}

/// A line that begins with `first`, in as many lines as the width needs. On a terminal, Image Builder's ARNs are
/// short: only JSON and what is no terminal have them whole.
pub fn line(first: &str, text: &str, width: Width) -> String {
    let lines = width.map_or_else(
        || vec![format!("{first}{text}")],
        |width| wrapped(&short(text), width, first),
    );
    lines.join("\n") + "\n"
}
