//! What one file says about modules: its imports, its paths, its inline and its test modules.

use super::token::{Token, tokens};

/// A path in segments.
pub(super) type Path = Vec<String>;

/// A module as its source shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Module {
    /// Where it is; the crate's root is empty.
    pub path: Path,
    /// Its `use` declarations, one for each name.
    pub uses: Vec<Use>,
    /// Paths in its code.
    pub paths: Vec<Path>,
    /// Modules below it that are only there for tests.
    pub tests: Vec<Path>,
}

/// One name that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    /// Where it comes from; never empty.
    pub path: Path,
    /// Under which name; none for a glob.
    pub name: Option<String>,
}

/// The module of a file, and the modules that are written inside it.
pub(super) fn modules(path: Path, text: &str) -> Vec<Module> {
    let tokens = tokens(text);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        done: Vec::new(),
    };
    reader.module(path);
    reader.done
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    done: Vec<Module>,
}

impl Reader<'_> {
    /// Reads a module until its closing brace, or until the end of the file.
    fn module(&mut self, path: Path) {
        let mut module = Module {
            path,
            ..Module::default()
        };
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Symbol('}') if depth == 0 => break,
                Token::Symbol('}') => depth -= 1,
                Token::Symbol('{') => depth += 1,
                Token::Symbol('#') => {
                    self.attribute(&mut module);
                    continue;
                }
                Token::Separator => self.skip_path(),
                Token::Word(word) => {
                    let word = word.clone();
                    self.word(&mut module, &word);
                    continue;
                }
                Token::Symbol(_) => {}
            }
            self.at += 1;
        }
        self.done.push(module);
    }

    fn word(&mut self, module: &mut Module, word: &str) {
        match (word, self.peek(1)) {
            // `use<'a>` in a type is no import.
            ("use", next) if next != Some(&Token::Symbol('<')) => {
                self.at += 1;
                self.use_tree(&mut module.uses, Vec::new());
            }
            ("mod", Some(Token::Word(name))) => {
                let path = child(&module.path, name);
                self.at += 2;
                if self.is(0, '{') {
                    self.at += 1;
                    self.module(path);
                    self.at += 1;
                }
            }
            ("pub", Some(Token::Symbol('('))) if self.is_restriction() => self.skip_group(1),
            (_, Some(Token::Separator)) => {
                let path = self.path();
                if path.len() > 1 {
                    module.paths.push(path);
                }
            }
            _ => self.at += 1,
        }
    }

    /// Passes an attribute, and what it belongs to if that is only there for tests.
    fn attribute(&mut self, module: &mut Module) {
        let start = self.at;
        self.at += 1 + usize::from(self.is(1, '!'));
        if !self.is(0, '[') {
            return;
        }
        self.skip_group(0);
        let attribute = &self.tokens[start..self.at];
        let has = |name: &str| attribute.contains(&Token::Word(name.to_owned()));
        if has("cfg") && has("test") && !has("not") {
            self.skip_item(module);
        }
    }

    /// Passes an item and the further attributes before it.
    fn skip_item(&mut self, module: &mut Module) {
        while self.is(0, '#') {
            self.at += 1;
            self.skip_group(0);
        }
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            let is_module = *token == Token::Word("mod".to_owned());
            if let (true, Some(Token::Word(name))) = (is_module && depth == 0, self.peek(1)) {
                module.tests.push(child(&module.path, name));
            }
            self.at += 1;
            match token {
                Token::Symbol('(' | '[' | '{') => depth += 1,
                Token::Symbol(')' | ']') => depth = depth.saturating_sub(1),
                Token::Symbol('}') if depth <= 1 => return,
                Token::Symbol('}') => depth -= 1,
                Token::Symbol(';') if depth == 0 => return,
                Token::Symbol(_) | Token::Separator | Token::Word(_) => {}
            }
        }
    }

    /// Reads what follows `use`, up to its semicolon, comma or closing brace.
    fn use_tree(&mut self, uses: &mut Vec<Use>, prefix: Path) {
        let mut path = prefix;
        let mut name = None;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Word(word) if word == "as" => {
                    self.at += 1;
                    name = self.tokens.get(self.at).and_then(as_word);
                }
                Token::Word(word) if word == "self" && !path.is_empty() => {}
                Token::Word(word) => path.push(word.clone()),
                Token::Symbol('*') => {
                    uses.push(Use { path, name: None });
                    self.at += 1;
                    return;
                }
                Token::Symbol('{') => return self.use_group(uses, &path),
                Token::Separator => {}
                Token::Symbol(_) => break,
            }
            self.at += 1;
        }
        let name = name.or_else(|| path.last().cloned());
        if !path.is_empty() {
            uses.push(Use { path, name });
        }
    }

    fn use_group(&mut self, uses: &mut Vec<Use>, prefix: &Path) {
        self.at += 1;
        while self.at < self.tokens.len() && !self.is(0, '}') {
            if self.is(0, ',') {
                self.at += 1;
            } else {
                self.use_tree(uses, prefix.clone());
            }
        }
        self.at += 1;
    }

    /// Reads a path in code, as far as it consists of names.
    fn path(&mut self) -> Path {
        let mut path = Path::new();
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            path.push(word.clone());
            self.at += 1;
            if self.tokens.get(self.at) != Some(&Token::Separator) {
                break;
            }
            self.at += 1;
        }
        path
    }

    /// Passes names behind a type in angle brackets, or of another crate: `<T as A>::b`, `::std::a`.
    fn skip_path(&mut self) {
        while let (Some(Token::Separator), Some(Token::Word(_))) = (self.peek(0), self.peek(1)) {
            self.at += 2;
        }
        // The caller goes one on.
        self.at -= usize::from(self.peek(0) != Some(&Token::Separator));
    }

    /// Passes what is in brackets from this many tokens ahead.
    fn skip_group(&mut self, ahead: usize) {
        self.at += ahead;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token {
                Token::Symbol('(' | '[' | '{') => depth += 1,
                Token::Symbol(')' | ']' | '}') => depth = depth.saturating_sub(1),
                Token::Symbol(_) | Token::Separator | Token::Word(_) => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether `pub(` begins a visibility: a tuple's field may begin so, too.
    fn is_restriction(&self) -> bool {
        let word = self.peek(2).and_then(as_word);
        word.is_some_and(|word| ["crate", "self", "super", "in"].contains(&word.as_str()))
    }

    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn is(&self, ahead: usize, symbol: char) -> bool {
        self.peek(ahead) == Some(&Token::Symbol(symbol))
    }
}

fn as_word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) => Some(word.clone()),
        Token::Separator | Token::Symbol(_) => None,
    }
}

fn child(path: &[String], name: &str) -> Path {
    [path, &[name.to_owned()]].concat()
}
