//! A review as Markdown, within a limit. Refusals and lost access come first and are cut last; a note
//! says what was cut.

use goldsmith_domain::names::Environment;
use goldsmith_domain::review::Review;
use jiff::tz::TimeZone;

use super::budget::allocate;
use super::escape::Markdown;
use super::phrase;
use super::section::{Body, Section, sections};

/// The longest comment that GitHub takes, 65,536 characters; counted in bytes, which are never fewer.
pub const COMMENT: usize = 65_536;
/// The largest job summary that GitHub takes of one step, 1 MiB ("Workflow commands for GitHub
/// Actions", job summaries).
pub const SUMMARY: usize = 1 << 20;

/// A comment names this many principals or Regions of an account, and this many reasons of a recipe:
/// one account of a thousand roles must not hide the next account.
const MAX_ITEMS: usize = 10;
/// A comment quotes this many characters of one value.
const MAX_CHARS: usize = 500;
/// Room for the note on what is cut.
const FOOT: usize = 1000;

/// How a review is rendered, and how much of it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The limit in bytes.
    pub limit: usize,
    /// Whether lists and values are shortened as well.
    pub brief: bool,
    /// The commit that the documents are from.
    pub commit: Option<&'a str>,
    /// Where the rest is, as a clause: `the rest is in the job summary`.
    pub rest: &'a str,
}

/// The line that identifies the comment of an environment.
pub fn marker(environment: &Environment) -> String {
    format!("<!-- goldsmith plan {environment} -->")
}

/// As much of a review as fits on the page.
///
/// Guarantees: at most `page.limit` bytes if that is at least 4 KiB; a part that is not a refusal or a
/// loss is only shown if all refusals and losses are.
pub fn render(review: &Review, page: &Page<'_>) -> String {
    let (max_items, max_chars) = if page.brief {
        (MAX_ITEMS, MAX_CHARS)
    } else {
        (usize::MAX, SUMMARY)
    };
    let escaper = Markdown {
        max_items,
        max_chars,
    };
    let head = head(review, page);
    // Its readers are in many zones.
    let sections = sections(review, &escaper, &TimeZone::UTC);
    let room = page.limit.saturating_sub(head.len() + FOOT);
    let shares = allocate_room(&sections, page.rest, room);
    let rendered = sections
        .iter()
        .zip(&shares)
        .map(|(section, share)| fitted(section, *share, page.rest));
    let body: Vec<String> = rendered.collect();
    let hidden = sections
        .iter()
        .zip(&body)
        .filter(|(_, text)| text.is_empty());
    let hidden: Vec<&str> = hidden.map(|(section, _)| section.title).collect();
    let foot = if hidden.is_empty() {
        String::new()
    } else {
        format!(
            "\nNot shown for lack of room: {}; {}.\n",
            hidden.join(", "),
            page.rest
        )
    };
    std::iter::once(head).chain(body).chain([foot]).collect()
}

fn head(review: &Review, page: &Page<'_>) -> String {
    let stack = &review.stack;
    let commit = page.commit.map(|commit| {
        let name = super::escape::Escaper::value(
            &Markdown {
                max_items: 1,
                max_chars: 64,
            },
            commit,
        );
        format!(" For commit {name}.")
    });
    format!(
        "{}\n## Plan for `{}`\n\nIn account `{}`, Region `{}`: **{}**.{}\n",
        marker(&stack.environment),
        stack.environment,
        stack.account,
        stack.region,
        phrase::summary(review),
        commit.unwrap_or_default()
    )
}

/// The room of each section. The sections marked `first` get theirs before the others get any.
fn allocate_room(sections: &[Section], rest: &str, room: usize) -> Vec<usize> {
    let need = |section: &Section| fitted(section, usize::MAX, rest).len();
    let (first, others): (Vec<&Section>, Vec<&Section>) =
        sections.iter().partition(|section| section.first);
    let mut allocated = allocate(
        &first
            .iter()
            .map(|section| need(section))
            .collect::<Vec<_>>(),
        room,
    );
    let left = room - allocated.iter().sum::<usize>();
    allocated.extend(allocate(
        &others
            .iter()
            .map(|section| need(section))
            .collect::<Vec<_>>(),
        left,
    ));
    allocated
}

/// As many lines of a section as fit into `room` bytes; nothing if not a single line fits.
fn fitted(section: &Section, room: usize, rest: &str) -> String {
    let frame = Frame::of(section);
    let lines = lines(section);
    let whole = frame.len() + lines.iter().map(String::len).sum::<usize>();
    if whole <= room {
        return frame.around(&lines.concat(), "");
    }
    // The count in the note is at most that of all lines.
    let reserve = frame.len() + cut(lines.len(), rest).len();
    let mut used = reserve;
    let shown = lines.iter().take_while(|line| {
        used += line.len();
        used <= room
    });
    let shown: Vec<&str> = shown.map(String::as_str).collect();
    if shown.is_empty() {
        return String::new();
    }
    frame.around(&shown.concat(), &cut(lines.len() - shown.len(), rest))
}

fn cut(more: usize, rest: &str) -> String {
    format!(
        "\n… and {}; {rest}.\n",
        phrase::count(more, "more line", "more lines")
    )
}

/// The text around the lines of a section.
struct Frame {
    open: String,
    close: String,
    end: &'static str,
}

impl Frame {
    fn of(section: &Section) -> Self {
        let title = section.title;
        let lead = section
            .lead
            .as_ref()
            .map(|lead| format!("{lead}\n\n"))
            .unwrap_or_default();
        let (head, end) = if section.folded {
            (
                format!("\n<details><summary>{title}</summary>\n\n"),
                "\n</details>\n",
            )
        } else {
            (format!("\n### {title}\n\n"), "")
        };
        let (before, close) = match &section.body {
            Body::List(_) => (String::new(), String::new()),
            Body::Table(columns, _) => (table_head(columns), String::new()),
            Body::Diff(lines) => {
                let fence = fence(lines);
                (format!("{fence}diff\n"), format!("{fence}\n"))
            }
        };
        Self {
            open: format!("{head}{lead}{before}"),
            close,
            end,
        }
    }

    fn len(&self) -> usize {
        self.open.len() + self.close.len() + self.end.len()
    }

    fn around(&self, lines: &str, note: &str) -> String {
        format!("{}{lines}{}{note}{}", self.open, self.close, self.end)
    }
}

fn table_head(columns: &[&str]) -> String {
    format!(
        "| {} |\n|{}\n",
        columns.join(" | "),
        " --- |".repeat(columns.len())
    )
}

/// A fence that no line of the block can close.
fn fence(lines: &[String]) -> String {
    let runs = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`').map(str::len));
    "`".repeat(runs.max().unwrap_or(0).max(2) + 1)
}

fn lines(section: &Section) -> Vec<String> {
    match &section.body {
        Body::List(lines) => lines.iter().map(|line| format!("- {line}\n")).collect(),
        Body::Table(_, rows) => rows
            .iter()
            .map(|row| format!("| {} |\n", row.join(" | ")))
            .collect(),
        Body::Diff(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
    }
}
