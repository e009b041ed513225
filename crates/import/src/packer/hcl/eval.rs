//! Expressions of HCL as values. What is not literal in the end is unknown, and says how it was written.

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Element, Template};

use super::functions;
use super::scope::Scope;
use crate::value::{Data, Part, Unknown, Value};

/// The value of an expression.
pub(super) fn value(expression: &Expression, scope: &Scope<'_>) -> Value {
    let result = scope.deeper(|| evaluated(expression, scope));
    result.unwrap_or_else(|| {
        Value::unknown(Unknown {
            why: "it takes more work to compute than an import does".to_owned(),
            ..Unknown::computed("an expression")
        })
    })
}

fn evaluated(expression: &Expression, scope: &Scope<'_>) -> Value {
    let data = match expression {
        Expression::Null(_) => Data::Null,
        Expression::Bool(flag) => Data::Flag(*flag.value()),
        Expression::Number(number) => Data::Number(number.value().to_string()),
        Expression::String(text) => return Value::text_of(text.value()),
        Expression::Array(items) => {
            Data::List(items.iter().map(|item| value(item, scope)).collect())
        }
        Expression::Object(object) => Data::Object(entries(object, scope)),
        Expression::StringTemplate(template) => return text(template, scope),
        Expression::HeredocTemplate(heredoc) => return text(&heredoc.template, scope),
        Expression::Parenthesis(inner) => return value(inner.inner(), scope),
        Expression::FuncCall(call) => return called(call, scope),
        Expression::Traversal(traversal) => return traversed(traversal, scope),
        Expression::Conditional(conditional) => {
            return match value(&conditional.cond_expr, scope).flag() {
                Ok(true) => value(&conditional.true_expr, scope),
                Ok(false) => value(&conditional.false_expr, scope),
                Err(_) => computed("a conditional expression"),
            };
        }
        Expression::Variable(name) => return computed(name.value().as_str()),
        Expression::UnaryOp(_) | Expression::BinaryOp(_) => return computed("an operation"),
        Expression::ForExpr(_) => return computed("a `for` expression"),
    };
    data.into()
}

fn computed(what: &str) -> Value {
    Value::unknown(Unknown::computed(what))
}

fn entries(object: &Object, scope: &Scope<'_>) -> Vec<(String, Value)> {
    let entry = |(key, item): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
        let key = match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
                name.value().to_string()
            }
            ObjectKey::Expression(key) => value(key, scope).text().ok()?,
        };
        Some((key, value(item.expr(), scope)))
    };
    object.iter().filter_map(entry).collect()
}

fn text(template: &Template, scope: &Scope<'_>) -> Value {
    let mut parts = Vec::new();
    for element in template {
        match element {
            Element::Literal(literal) => parts.push(Part::Plain(literal.value().clone())),
            Element::Interpolation(inner) => {
                let inner = value(&inner.expr, scope);
                let unknown = || {
                    vec![Part::Unknown(Unknown::computed(
                        "a list or object in a text",
                    ))]
                };
                parts.extend(inner.parts().unwrap_or_else(unknown));
            }
            Element::Directive(_) => {
                parts.push(Part::Unknown(Unknown::computed(
                    "a directive of a template",
                )));
            }
        }
    }
    Data::Text(parts).into()
}

fn called(call: &FuncCall, scope: &Scope<'_>) -> Value {
    let name = call.name.name.value().as_str();
    if call.args.expand_final() || call.name.is_namespaced() {
        return computed(&format!("{name}(...)"));
    }
    let arguments: Vec<Value> = call.args.iter().map(|item| value(item, scope)).collect();
    functions::call(name, &arguments).unwrap_or_else(|| functions::unknown(name, &arguments))
}

/// What is below `var`, `local`, `path` or something else. Only what is known of the first two is a value.
fn traversed(traversal: &Traversal, scope: &Scope<'_>) -> Value {
    let Some(names) = names(traversal, scope) else {
        return computed("a reference");
    };
    let whole = names.join(".");
    let parts: Vec<&str> = names.iter().map(String::as_str).collect();
    let (root, rest) = match parts.as_slice() {
        ["var", name, rest @ ..] => (scope.variable(name), rest),
        ["local", name, rest @ ..] => {
            let evaluate = |expression: &Expression| value(expression, scope);
            (scope.local(name, evaluate), rest)
        }
        ["path", "root" | "cwd"] => return Value::text_of("."),
        ["data", "amazon-secretsmanager" | "vault", ..] => {
            return Value::unknown(Unknown::secret(&whole));
        }
        _ => return computed(&whole),
    };
    let mut found = root;
    for name in rest {
        let next = match &found.data {
            Data::List(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            Data::Object(_) => found.get(name),
            Data::Null | Data::Flag(_) | Data::Number(_) => None,
            Data::Text(_) => return found,
        };
        let Some(next) = next.cloned() else {
            return computed(&whole);
        };
        found = next;
    }
    found
}

/// The names of a traversal, such as `var`, `tags` and `Owner`; none if one of them is computed.
fn names(traversal: &Traversal, scope: &Scope<'_>) -> Option<Vec<String>> {
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    let mut names = vec![root.value().to_string()];
    for operator in &traversal.operators {
        names.push(match operator.value() {
            TraversalOperator::GetAttr(name) => name.value().to_string(),
            TraversalOperator::Index(index) => value(index, scope).text().ok()?,
            TraversalOperator::LegacyIndex(index) => index.value().to_string(),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
        });
    }
    Some(names)
}
