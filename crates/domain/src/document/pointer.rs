//! Where a value stands in its document, as a JSON pointer (RFC 6901).

use std::ptr;

use super::tree::{Field, Node, Value};

/// The longest key in a pointer. Every problem below a key has it in its pointer, and a document may have ten
/// thousand problems below a key of a hundred kilobytes.
const LONGEST_KEY: usize = 256;

/// The pointer from `root` to `target`; a key has the pointer of its member. It ends above a key that is
/// too long.
///
/// Members and items stand in the order of the text, so the way down is a binary search at each level:
/// a document may have a hundred thousand problems.
pub(super) fn of(root: &Node<'_>, target: &Node<'_>) -> String {
    let mut pointer = String::new();
    let mut node = Some(root);
    while let Some(here) = node.filter(|here| !ptr::eq(*here, target)) {
        node = match &here.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
            Value::List(items) => item(items, target, &mut pointer),
            Value::Object(fields) => member(fields, target, &mut pointer),
        };
    }
    pointer
}

/// The item that `target` stands in, added to the pointer.
fn item<'t, 'n>(
    items: &'t [Node<'n>],
    target: &Node<'n>,
    pointer: &mut String,
) -> Option<&'t Node<'n>> {
    let index = items
        .partition_point(|item| item.span.start <= target.span.start)
        .checked_sub(1)?;
    pointer.extend(["/", &index.to_string()]);
    items.get(index)
}

/// The value of the member that `target` stands in, added to the pointer; none if it is the key.
fn member<'t, 'n>(
    fields: &'t [Field<'n>],
    target: &Node<'n>,
    pointer: &mut String,
) -> Option<&'t Node<'n>> {
    let index = fields
        .partition_point(|field| field.key.span.start <= target.span.start)
        .checked_sub(1)?;
    let field = fields.get(index)?;
    let name = key(&field.key);
    if name.len() > LONGEST_KEY {
        return None;
    }
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    let is_key =
        ptr::eq(&raw const field.key, target) || field.value.span.start > target.span.start;
    (!is_key).then_some(&field.value)
}

/// The node that a pointer points to, or the last one on the way that is there.
pub(super) fn find<'t, 'n>(root: &'t Node<'n>, pointer: &str) -> &'t Node<'n> {
    let mut here = root;
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let next = match &here.value {
            Value::Object(fields) => {
                let mut fields = fields.iter();
                let found = fields.find(|field| key(&field.key) == part);
                found.map(|field| &field.value)
            }
            Value::List(items) => part.parse().ok().and_then(|at: usize| items.get(at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here
}

/// A key as text; what of YAML is no scalar has none.
fn key<'n>(key: &'n Node<'_>) -> &'n str {
    match &key.value {
        Value::Text(text) | Value::Number(text) => text,
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Null => "null",
        Value::List(_) | Value::Object(_) => "",
    }
}
