//! A source as words and symbols. Comments, literals and lifetimes are left out.

/// A piece of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// `::`.
    Separator,
    /// Any other character.
    Symbol(char),
}

/// The tokens of a source.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = blank(rest) {
            rest = &rest[length..];
        } else if is_word(first) {
            let word: String = rest.chars().take_while(|next| is_word(*next)).collect();
            rest = &rest[word.len()..];
            match literal_after(&word, rest) {
                Some(length) => rest = &rest[length..],
                // `r#type` is the name `type`.
                None if word == "r" && rest.starts_with('#') => rest = &rest[1..],
                None => tokens.push(Token::Word(word)),
            }
        } else if let Some(after) = rest.strip_prefix("::") {
            rest = after;
            tokens.push(Token::Separator);
        } else {
            rest = &rest[first.len_utf8()..];
            tokens.push(Token::Symbol(first));
        }
    }
    tokens
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of what says nothing about modules, if the text starts with it.
fn blank(text: &str) -> Option<usize> {
    match text.chars().next()? {
        '"' => Some(string(text)),
        '\'' => Some(quote(text)),
        '/' if text.starts_with("//") => Some(text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("/*") => Some(block_comment(text)),
        space if space.is_whitespace() => Some(space.len_utf8()),
        _ => None,
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a string in quotation marks.
fn string(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character in quotes, or of a lifetime's quote.
fn quote(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some(_)) => letters
            .find(|(_, letter)| *letter == '\'')
            .map_or(text.len(), |(at, _)| at + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// The length of the string that a prefix such as `r` or `br` belongs to.
fn literal_after(prefix: &str, text: &str) -> Option<usize> {
    match prefix {
        "b" | "c" if text.starts_with('"') => Some(string(text)),
        "b" if text.starts_with('\'') => Some(quote(text)),
        "r" | "br" | "cr" => {
            let body = text.trim_start_matches('#');
            let hashes = text.len() - body.len();
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = body.strip_prefix('"')?;
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            Some(hashes + 1 + length)
        }
        _ => None,
    }
}
