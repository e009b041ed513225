//! The notation of `inputs.txt` and `answers.txt`: one line a shape.

use http::Method;
use regex_lite::Regex;

/// A shape of the service model, as far as inputs need it.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Named members.
    Structure(Vec<Member>),
    /// A list of one shape.
    List { item: &'static str, count: Bounds },
    /// A map from strings.
    Map {
        key: &'static str,
        value: &'static str,
        count: Bounds,
    },
    /// A string.
    Text {
        length: Bounds,
        forbidden_prefix: Option<&'static str>,
        pattern: Option<Regex>,
    },
    /// A string out of a closed set.
    Enum(Vec<&'static str>),
    /// A whole number.
    Integer(Bounds),
    /// Any number; in answers only.
    Number,
    /// Seconds since the epoch, with a fraction or without.
    Timestamp,
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
            Self::Text { .. }
            | Self::Enum(_)
            | Self::Integer(_)
            | Self::Number
            | Self::Timestamp
            | Self::Boolean => vec![],
        }
    }
}

/// A member of a structure.
#[derive(Debug)]
pub(crate) struct Member {
    pub name: &'static str,
    pub shape: &'static str,
    pub required: bool,
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub low: Option<i64>,
    pub high: Option<i64>,
}

impl Bounds {
    fn parse(text: &str) -> Option<Self> {
        let (low, high) = text.split_once("..")?;
        Some(Self {
            low: low.parse().ok(),
            high: high.parse().ok(),
        })
    }

    /// The rule that `number` breaks, if it breaks one.
    pub fn broken_by(self, number: i64) -> Option<(&'static str, i64)> {
        let low = self
            .low
            .filter(|low| number < *low)
            .map(|low| ("greater", low));
        low.or_else(|| {
            self.high
                .filter(|high| number > *high)
                .map(|high| ("less", high))
        })
    }
}

/// An operation, apart from its input and output.
#[derive(Debug)]
pub(crate) struct OperationModel {
    /// For example `CreateImage`; the path is `/<name>`, but for the three on tags.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Whether the answer has a `requestId`.
    pub has_request_id: bool,
    /// Whether the answer repeats the `clientToken`.
    pub has_client_token: bool,
}

impl OperationModel {
    /// Whether its path is `/tags/{resourceArn}`.
    pub fn is_on_tags(&self) -> bool {
        matches!(
            self.name,
            "TagResource" | "UntagResource" | "ListTagsForResource"
        )
    }
}

/// What a line says.
pub(crate) enum Line {
    Operation(OperationModel),
    /// The input or the output of an operation.
    Root(&'static str, Shape),
    Shape(&'static str, Shape),
}

/// One line: keyword, name, and what the keyword asks for.
pub(crate) fn parse(line: &'static str) -> Option<Line> {
    let (keyword, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    match keyword {
        "operation" => operation(name, rest).map(Line::Operation),
        "input" | "output" => Some(Line::Root(name, shape("structure", rest)?)),
        _ => Some(Line::Shape(name, shape(keyword, rest)?)),
    }
}

fn operation(name: &'static str, rest: &str) -> Option<OperationModel> {
    let mut words = rest.split(' ');
    let method = words.next()?.parse().ok()?;
    let own: Vec<_> = words.collect();
    let (has_request_id, has_client_token) =
        (own.contains(&"request-id"), own.contains(&"client-token"));
    Some(OperationModel {
        name,
        method,
        has_request_id,
        has_client_token,
    })
}

fn shape(keyword: &str, rest: &'static str) -> Option<Shape> {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    Some(match keyword {
        "structure" => Shape::Structure(words.map(member).collect::<Option<_>>()?),
        "list" => Shape::List {
            item: words.next()?,
            count: bounds(words.next()),
        },
        "map" => Shape::Map {
            key: words.next()?,
            value: words.next()?,
            count: bounds(words.next()),
        },
        "string" => text(rest)?,
        "enum" => Shape::Enum(words.collect()),
        "integer" => Shape::Integer(bounds(words.next())),
        "double" | "float" => Shape::Number,
        "timestamp" => Shape::Timestamp,
        "boolean" => Shape::Boolean,
        _ => return None,
    })
}

fn bounds(word: Option<&str>) -> Bounds {
    word.and_then(Bounds::parse).unwrap_or_default()
}

fn member(word: &'static str) -> Option<Member> {
    let (name, shape) = word.split_once(':')?;
    let bare = name.trim_end_matches('!');
    Some(Member {
        name: bare,
        shape,
        required: bare != name,
    })
}

fn text(rest: &'static str) -> Option<Shape> {
    let (head, pattern) = match rest.split_once("~ ") {
        Some((head, pattern)) => (head, Some(Regex::new(pattern).ok()?)),
        None => (rest, None),
    };
    let mut words = head.split(' ');
    let length = bounds(words.next());
    let forbidden_prefix = words.find(|word| *word == "not").and_then(|_| words.next());
    Some(Shape::Text {
        length,
        forbidden_prefix,
        pattern,
    })
}
