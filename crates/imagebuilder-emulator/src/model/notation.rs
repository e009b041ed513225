//! The notation of `shapes.txt`.

use regex_lite::Regex;

/// A shape of the service model, as far as inputs need it.
#[derive(Debug)]
pub(super) enum Shape {
    /// Named members.
    Structure(Vec<Member>),
    /// A list of one shape.
    List { item: &'static str, count: Bounds },
    /// A map from strings.
    Map { key: &'static str, value: &'static str, count: Bounds },
    /// A string.
    Text { length: Bounds, forbidden_prefix: Option<&'static str>, pattern: Option<Regex> },
    /// A string out of a closed set.
    Enum(Vec<&'static str>),
    /// A whole number.
    Integer(Bounds),
    /// `true` or `false`
    Boolean,
}

impl Shape {
    /// The shapes that this one is made of.
    #[cfg(test)]
    pub fn refers_to(&self) -> Vec<&'static str> {
        match self {
            Self::Structure(members) => members.iter().map(|member| member.shape).collect(),
            Self::List { item, .. } => vec![item],
            Self::Map { key, value, .. } => vec![key, value],
            Self::Text { .. } | Self::Enum(_) | Self::Integer(_) | Self::Boolean => vec![],
        }
    }
}

/// A member of a structure.
#[derive(Debug)]
pub(super) struct Member {
    pub name: &'static str,
    pub shape: &'static str,
    pub required: bool,
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    pub low: Option<i64>,
    pub high: Option<i64>,
}

impl Bounds {
    fn parse(text: &str) -> Option<Self> {
        let (low, high) = text.split_once("..")?;
        Some(Self { low: low.parse().ok(), high: high.parse().ok() })
    }

    /// The rule that `number` breaks, if it breaks one.
    pub fn broken_by(self, number: i64) -> Option<(&'static str, i64)> {
        let low = self.low.filter(|low| number < *low).map(|low| ("greater", low));
        low.or_else(|| self.high.filter(|high| number > *high).map(|high| ("less", high)))
    }
}

/// One line: keyword, name, shape.
pub(super) fn parse(line: &'static str) -> Option<(&'static str, &'static str, Shape)> {
    let (keyword, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut words = rest.split(' ');
    let shape = match keyword {
        "input" | "structure" => Shape::Structure(words.map(member).collect::<Option<_>>()?),
        "list" => Shape::List { item: words.next()?, count: bounds(words.next()) },
        "map" => Shape::Map { key: words.next()?, value: words.next()?, count: bounds(words.next()) },
        "string" => text(rest)?,
        "enum" => Shape::Enum(words.collect()),
        "integer" => Shape::Integer(bounds(words.next())),
        "boolean" => Shape::Boolean,
        _ => return None,
    };
    Some((keyword, name, shape))
}

fn bounds(word: Option<&str>) -> Bounds {
    word.and_then(Bounds::parse).unwrap_or_default()
}

fn member(word: &'static str) -> Option<Member> {
    let (name, shape) = word.split_once(':')?;
    let bare = name.trim_end_matches('!');
    Some(Member { name: bare, shape, required: bare != name })
}

fn text(rest: &'static str) -> Option<Shape> {
    let (head, pattern) = match rest.split_once("~ ") {
        Some((head, pattern)) => (head, Some(Regex::new(pattern).ok()?)),
        None => (rest, None),
    };
    let mut words = head.split(' ');
    let length = bounds(words.next());
    let forbidden_prefix = words.find(|word| *word == "not").and_then(|_| words.next());
    Some(Shape::Text { length, forbidden_prefix, pattern })
}
