//! Literals of Ruby: texts, symbols, numbers, lists and hashes. Whatever needs to run to have a value is unknown.

use crate::short::short;
use crate::value::{Data, Unknown, Value};
use goldsmith_domain::secret;

/// How deep lists and hashes may nest.
const DEEPEST: usize = 32;

/// A place in a text of Ruby.
pub(super) struct Ruby<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Ruby<'t> {
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, depth: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes a prefix, if it is there.
    pub(super) fn pass(&mut self, prefix: &str) -> bool {
        let is_there = self.rest().starts_with(prefix);
        if is_there {
            self.at += prefix.len();
        }
        is_there
    }

    /// Passes blanks.
    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    }

    /// Passes blanks, line feeds and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if !self.rest().starts_with('#') {
                return;
            }
            self.line();
        }
    }

    /// Passes the rest of a line, but not its line feed.
    pub(super) fn line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// A value up to the end of its statement. It is unknown if anything of it would have to run.
    pub(super) fn statement(&mut self) -> Value {
        let start = self.at;
        if let Some(value) = self.literal() {
            self.blanks();
            self.pass(")");
            self.blanks();
            if self.rest().is_empty() || self.rest().starts_with(['\n', '#', ';']) {
                return value;
            }
        }
        self.at = start;
        self.skip(false);
        self.unknown(start)
    }

    /// A value in a list or a hash.
    fn item(&mut self) -> Value {
        let start = self.at;
        if let Some(value) = self.literal() {
            self.space();
            if self.rest().is_empty() || self.rest().starts_with([',', ']', '}']) {
                return value;
            }
        }
        self.at = start;
        self.skip(true);
        self.unknown(start)
    }

    fn unknown(&self, start: usize) -> Value {
        let text = self.text.get(start..self.at).unwrap_or_default().trim();
        if secret::in_text(text).is_some() {
            return Value::unknown(Unknown::secret("an expression"));
        }
        Value::unknown(Unknown {
            why: "it is computed, and an import runs nothing".to_owned(),
            hint: Some("write the value that it has, and import again".to_owned()),
            ..Unknown::computed(&short(text))
        })
    }

    /// Passes an expression: up to a comma or a closing bracket inside of a list, or to the end of the statement.
    fn skip(&mut self, inside: bool) {
        let mut open = 0_usize;
        let mut quote = None;
        let rest = self.rest();
        let mut escaped = false;
        for (index, c) in rest.char_indices() {
            if let Some(mark) = quote {
                if c == mark && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped;
                continue;
            }
            match c {
                '\'' | '"' | '`' => quote = Some(c),
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' | ',' if open == 0 && inside => return self.at += index,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                '\n' if open == 0 && !inside => return self.at += index,
                _ => {}
            }
        }
        self.at = self.text.len();
    }

    /// A literal; none if there is something else.
    pub(super) fn literal(&mut self) -> Option<Value> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let value = self.any();
        self.depth -= 1;
        let value = value?;
        self.pass(".freeze");
        Some(value)
    }

    fn any(&mut self) -> Option<Value> {
        match self.rest().chars().next()? {
            '\'' | '"' => self.quoted().map(|text| Value::text_of(&text)),
            ':' => {
                self.at += 1;
                let name = if self.rest().starts_with(['"', '\'']) {
                    self.quoted()
                } else {
                    self.word()
                };
                name.map(|name| Value::text_of(&name))
            }
            '[' => self.list(),
            '{' => {
                self.at += 1;
                self.pairs('}')
            }
            '%' => self.words(),
            '-' | '0'..='9' => self.number(),
            _ => self.keyword(),
        }
    }

    fn keyword(&mut self) -> Option<Value> {
        let start = self.at;
        let data = match self.word()?.as_str() {
            "true" => Data::Flag(true),
            "false" => Data::Flag(false),
            "nil" => Data::Null,
            _ => {
                self.at = start;
                return None;
            }
        };
        Some(data.into())
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || c == '_' || c == '.' || c == '-';
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let text = rest[..end].replace('_', "");
        text.parse::<f64>().ok()?;
        self.at += end;
        Some(Data::Number(text).into())
    }

    /// A name, as symbols and keys have it.
    pub(super) fn word(&mut self) -> Option<String> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '?';
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| rest[..end].to_owned())
    }

    /// A text in quotes. One with `#{...}` in it is computed.
    fn quoted(&mut self) -> Option<String> {
        let mut chars = self.rest().char_indices();
        let (_, mark) = chars.next()?;
        let mut text = String::new();
        while let Some((index, c)) = chars.next() {
            match c {
                c if c == mark => {
                    self.at += index + c.len_utf8();
                    return Some(text);
                }
                '#' if mark == '"' && self.rest()[index..].starts_with("#{") => return None,
                '\\' => text.push_str(&escaped(chars.next()?.1, mark)),
                c => text.push(c),
            }
        }
        None
    }

    fn list(&mut self) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            if self.pass("]") {
                return Some(Data::List(items).into());
            }
            if self.rest().is_empty() {
                return None;
            }
            let before = self.at;
            items.push(self.item());
            self.space();
            let is_stuck = !self.pass(",") && !self.rest().starts_with(']') || self.at == before;
            if is_stuck {
                return None;
            }
        }
    }

    /// `%w[...]` and its like.
    fn words(&mut self) -> Option<Value> {
        let rest = self.rest();
        let opening = rest
            .strip_prefix("%w")
            .or_else(|| rest.strip_prefix("%i"))?
            .chars()
            .next()?;
        let closing = match opening {
            '[' => ']',
            '(' => ')',
            '{' => '}',
            _ => return None,
        };
        let end = rest.find(closing)?;
        let words = rest[3..end]
            .split_whitespace()
            .map(Value::text_of)
            .collect();
        self.at += end + 1;
        Some(Data::List(words).into())
    }

    /// The pairs of a hash, up to `end`.
    fn pairs(&mut self, end: char) -> Option<Value> {
        let mut entries = Vec::new();
        loop {
            self.space();
            if self.pass(end.encode_utf8(&mut [0; 4])) {
                return Some(Data::Object(entries).into());
            }
            let line = self.line_number();
            let key = self.key()?;
            self.space();
            let value = self.item();
            entries.push((
                key,
                Value {
                    line: Some(line),
                    ..value
                },
            ));
            self.space();
            if !self.pass(",") && !self.rest().starts_with(end) {
                return None;
            }
        }
    }

    /// The pairs of a hash without braces, which ends with its statement.
    pub(super) fn open_pairs(&mut self) -> Option<Value> {
        let mut entries = Vec::new();
        loop {
            self.space();
            let line = self.line_number();
            let key = self.key()?;
            self.blanks();
            let start = self.at;
            let value = self.literal();
            self.blanks();
            let is_known = self.rest().is_empty() || self.rest().starts_with([',', '\n', '#', ')']);
            let value = match value {
                Some(value) if is_known => value,
                _ => {
                    let end = self.text[start..]
                        .find([',', '\n'])
                        .map_or(self.text.len(), |end| start + end);
                    self.at = end;
                    self.unknown(start)
                }
            };
            entries.push((
                key,
                Value {
                    line: Some(line),
                    ..value
                },
            ));
            self.blanks();
            if !self.pass(",") {
                self.pass(")");
                return Some(Data::Object(entries).into());
            }
        }
    }

    /// `key:`, `"key":`, `:key =>` or `"key" =>`.
    fn key(&mut self) -> Option<String> {
        let is_symbol = self.pass(":");
        let key = match self.rest().chars().next()? {
            '"' | '\'' => self.quoted()?,
            _ => self.word()?,
        };
        if !is_symbol && self.pass(":") {
            return Some(key);
        }
        self.space();
        self.pass("=>").then_some(key)
    }

    /// The line where it is, from 1.
    pub(super) fn line_number(&self) -> usize {
        let before = self.text.get(..self.at).unwrap_or_default();
        1 + before.matches('\n').count()
    }
}

/// What a backslash and a character mean. In single quotes a backslash is one unless it is before a quote or
/// another backslash.
fn escaped(c: char, mark: char) -> String {
    match (mark, c) {
        ('"', 'n') => "\n".to_owned(),
        ('"', 't') => "\t".to_owned(),
        ('\'', c) if c != '\'' && c != '\\' => format!("\\{c}"),
        (_, c) => c.to_string(),
    }
}

#[cfg(test)]
mod tests;
