//! Lines that fit a width.

/// How wide a line is where nobody says it.
pub const WIDTH: usize = 80;

/// `text` in lines of at most `width` characters. The first one begins with `first`, the others with as many
/// blanks and two more. A word that fits no such line has one with fewer blanks, so that it can be copied; only one
/// that is longer than any line is broken.
pub fn wrapped(text: &str, width: usize, first: &str) -> Vec<String> {
    let indent = first.chars().count() + 2;
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in text.split(' ') {
        for piece in pieces(word, width) {
            let length = piece.chars().count();
            let last = lines.last_mut().filter(|last| {
                let taken = last.chars().count() + usize::from(!is_empty);
                taken + length <= width || (is_empty && length == 0)
            });
            if let Some(last) = last {
                *last += if is_empty { "" } else { " " };
                *last += piece;
            } else {
                let blanks = indent.min(width.saturating_sub(length));
                lines.push(" ".repeat(blanks) + piece);
            }
            is_empty = false;
        }
    }
    lines
}

/// A word in pieces of at most `most` characters.
fn pieces(word: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while let Some((end, _)) = rest.char_indices().nth(most) {
        let (piece, left) = rest.split_at(end);
        pieces.push(piece);
        rest = left;
    }
    pieces.push(rest);
    pieces
}

/// A text in which Image Builder's ARNs have only their kind, name and version; JSON has them whole.
pub fn short(text: &str) -> String {
    let word = |word: &str| match word.split_once("arn:aws") {
        Some((before, arn)) if arn.contains(":imagebuilder:") => {
            let resource = arn.splitn(5, ':').nth(4).unwrap_or(arn);
            format!("{before}{resource}")
        }
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_image_builder_are_short_and_others_stay() {
        let text = "image arn:aws:imagebuilder:us-east-1:111122223333:image/a/1.0.0/1 needs arn:aws:kms:us-east-1:1:key/2";
        assert_eq!(
            short(text),
            "image image/a/1.0.0/1 needs arn:aws:kms:us-east-1:1:key/2"
        );
    }

    #[test]
    fn lines_fit_and_say_the_same() {
        let text =
            "the base AMI ami-0123456789abcdef0 does not exist in this Region, or is not shared";
        let lines = wrapped(text, 40, "  - ");
        assert_eq!(
            lines,
            [
                "  - the base AMI ami-0123456789abcdef0",
                "      does not exist in this Region, or",
                "      is not shared",
            ]
        );
    }

    #[test]
    fn a_word_that_fits_a_line_stays_whole() {
        let arn = "arn:aws:kms:us-east-1:111122223333:key/1";
        let lines = wrapped(&format!("see {arn} there"), 42, "  - ");
        assert_eq!(lines, ["  - see", &format!("  {arn}"), "      there"]);
    }

    #[test]
    fn a_word_without_end_is_broken() {
        let lines = wrapped(&"x".repeat(100), 40, "");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 40),
            "{lines:?}"
        );
        let told: String = lines.concat().replace(' ', "");
        assert_eq!(told.len(), 100);
        assert_eq!(wrapped("", 40, "- "), ["- "]);
    }
}
