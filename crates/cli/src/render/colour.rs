//! Which lines stand out: what is lost, failed or refused, and what a difference adds or takes away.

/// How a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Somebody loses something, or it needs a person.
    Bad,
    /// It comes to be.
    Good,
    /// It only points at a place.
    Quiet,
}

/// Headings under which everything is bad.
const BAD_PARTS: [&str; 5] = [
    "Access lost",
    "Failed",
    "Not attempted",
    "Problems",
    "Refused",
];
/// The heading of differences.
const DIFFERENCES: &str = "Key policy";
/// What a bad line begins with, wherever it is.
const BAD_LINES: [&str; 6] = [
    "ALARM ",
    "MISSED: ",
    "PAUSED: ",
    "failed: ",
    "not attempted: ",
    "refused: ",
];

/// The lines of a text, each with its tone.
pub fn lines(text: &str) -> Vec<(Option<Tone>, &str)> {
    let mut part = "";
    text.lines()
        .map(|line| {
            let is_heading = !line.starts_with(' ') && !line.is_empty();
            if is_heading {
                part = line;
            }
            (tone(part, line, is_heading), line)
        })
        .collect()
}

fn tone(part: &str, line: &str, is_heading: bool) -> Option<Tone> {
    let content = line.trim_start();
    let is_bad = BAD_LINES.iter().any(|bad| content.starts_with(bad)) || is_failed_build(content);
    if is_bad || BAD_PARTS.iter().any(|bad| part.starts_with(bad)) {
        return Some(Tone::Bad).filter(|_| !line.is_empty());
    }
    if !part.starts_with(DIFFERENCES) || is_heading {
        return None;
    }
    match content.bytes().next() {
        Some(b'+') => Some(Tone::Good),
        Some(b'-') => Some(Tone::Bad),
        Some(b'@') => Some(Tone::Quiet),
        _ => None,
    }
}

/// `newest build 1.0.0/1 FAILED in TESTING`.
fn is_failed_build(line: &str) -> bool {
    line.starts_with("newest build ") && (line.contains(" FAILED") || line.contains(" CANCELLED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tones(text: &str) -> String {
        let letter = |(tone, _): (Option<Tone>, &str)| match tone {
            None => '.',
            Some(Tone::Bad) => 'b',
            Some(Tone::Good) => 'g',
            Some(Tone::Quiet) => 'q',
        };
        lines(text).into_iter().map(letter).collect()
    }

    #[test]
    fn what_is_lost_and_refused_stands_out_and_a_recipe_does_not() {
        let plan = "nonprod: 1 thing\n\nRefused\n  - a: why\n      and more\n\nRecipes\n  - b is new\n\nAccess lost\n  - c\n";
        assert_eq!(tones(plan), "..bbb....bb");
    }

    #[test]
    fn a_difference_has_its_colours_only_in_its_part() {
        let plan =
            "Key policy\n  Our statements.\n  @@ -1 +1 @@\n  -a\n  +b\n\nNotes\n  - c\n  +d\n";
        assert_eq!(tones(plan), "..qbg....");
    }

    #[test]
    fn a_status_shows_what_needs_a_person() {
        let status = "110302: nothing\n  newest build 1.0.0/1 FAILED in TESTING\n  refused: why\n  waiting: why\nALARM x: y\n";
        assert_eq!(tones(status), ".bb.b");
    }
}
