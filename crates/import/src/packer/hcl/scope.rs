//! The variables and locals of a template, and how much work they may make.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;

use crate::outcome::LeftKind;
use crate::value::{Unknown, Value};
use goldsmith_domain::secret;

/// How deep expressions and locals together may nest.
const DEEPEST: usize = 100;

/// How many values may be made of a template. A local that doubles another one would make any number.
const MOST_WORK: usize = 200_000;

/// What a template's expressions may refer to.
#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    variables: BTreeMap<String, Value>,
    locals: BTreeMap<String, Local<'t>>,
    known: RefCell<BTreeMap<String, Value>>,
    in_progress: RefCell<BTreeSet<String>>,
    depth: Cell<usize>,
    work: Cell<usize>,
}

/// The expression of a local, and whether it is marked as sensitive.
#[derive(Debug)]
struct Local<'t> {
    expression: &'t Expression,
    is_sensitive: bool,
}

impl<'t> Scope<'t> {
    /// A variable with its value. Nothing is kept of one that is or may be a secret.
    pub(super) fn add_variable(&mut self, name: &str, value: Value, is_sensitive: bool) {
        let what = format!("var.{name}");
        let is_secret = is_sensitive || secret::is_name(name);
        let value = if is_secret {
            Value::unknown(Unknown::secret(&what))
        } else if value.is_null() {
            Value::unknown(Unknown {
                kind: LeftKind::Missing,
                what,
                why: "the variable has no default".to_owned(),
                hint: Some(
                    "give it a default, or a value in a file *.auto.pkrvars.hcl, and import again"
                        .to_owned(),
                ),
            })
        } else {
            value
        };
        self.variables.insert(name.to_owned(), value);
    }

    /// A local with its expression.
    pub(super) fn add_local(&mut self, name: &str, expression: &'t Expression, is_sensitive: bool) {
        let is_sensitive = is_sensitive || secret::is_name(name);
        let local = Local {
            expression,
            is_sensitive,
        };
        self.locals.insert(name.to_owned(), local);
    }

    /// The names of the variables.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// The value of `var.<name>`.
    pub(super) fn variable(&self, name: &str) -> Value {
        let what = format!("var.{name}");
        self.copied(self.variables.get(name), &what)
    }

    /// The value of `local.<name>`, which `evaluate` makes of its expression. A local that needs itself has none.
    pub(super) fn local(&self, name: &str, evaluate: impl FnOnce(&Expression) -> Value) -> Value {
        let what = format!("local.{name}");
        if let Some(known) = self.known.borrow().get(name) {
            return self.copied(Some(known), &what);
        }
        let Some(local) = self.locals.get(name) else {
            return Value::unknown(Unknown::computed(&what));
        };
        if local.is_sensitive {
            return Value::unknown(Unknown::secret(&what));
        }
        if !self.in_progress.borrow_mut().insert(name.to_owned()) {
            return Value::unknown(Unknown {
                why: "it is made of itself".to_owned(),
                ..Unknown::computed(&what)
            });
        }
        let value = evaluate(local.expression);
        self.in_progress.borrow_mut().remove(name);
        self.known
            .borrow_mut()
            .insert(name.to_owned(), value.clone());
        value
    }

    fn copied(&self, value: Option<&Value>, what: &str) -> Value {
        match value {
            Some(value) if self.spend(value.weight()) => value.clone(),
            _ => Value::unknown(Unknown::computed(what)),
        }
    }

    /// Whether there is room for so many more values.
    pub(super) fn spend(&self, weight: usize) -> bool {
        self.work.set(self.work.get().saturating_add(weight));
        self.work.get() <= MOST_WORK
    }

    /// What `work` makes one level deeper; none if that is too deep or too much.
    pub(super) fn deeper(&self, work: impl FnOnce() -> Value) -> Option<Value> {
        if self.depth.get() >= DEEPEST || !self.spend(1) {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let value = work();
        self.depth.set(self.depth.get() - 1);
        self.spend(value.weight()).then_some(value)
    }
}
