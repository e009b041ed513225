//! Semantic versions, with `x` as a wildcard.

use std::{fmt, num::NonZeroU8, str::FromStr};

use serde::{Deserialize, Serialize};

/// The highest number of a version's node, 2^30-1.
const MAX_NODE: u32 = (1 << 30) - 1;

/// A number of a version, and how many digits it is written with: `2019.12.02` keeps its text, as in the
/// examples of awscli and CloudFormation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    number: u32,
    digits: NonZeroU8,
}

impl Node {
    const fn new(number: u32) -> Self {
        let (mut digits, mut rest) = (NonZeroU8::MIN, number / 10);
        while rest > 0 {
            digits = digits.saturating_add(1);
            rest /= 10;
        }
        Self { number, digits }
    }
}

/// `major.minor.patch`; a node that is `None` is the wildcard `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Version([Option<Node>; 3]);

impl Version {
    /// `x.x.x`
    pub const ANY: Self = Self([None; 3]);

    /// A version without wildcards.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([
            Some(Node::new(major)),
            Some(Node::new(minor)),
            Some(Node::new(patch)),
        ])
    }

    /// The version of a recipe that is made: a number, or a series with a single `x` anywhere, such as
    /// `1.x.0`, of which the recipe gets the next one. So says a maintainer of the service
    /// (terraform-provider-aws, issue 45285); the API reference gives a pattern only.
    pub fn of_recipe(text: &str) -> Result<Self, ParseArnError> {
        let version = Self::read(text)?;
        if version.0.iter().filter(|node| node.is_none()).count() > 1 {
            return Err(ParseArnError(
                text.to_owned(),
                "the version of a recipe, which has at most one 'x'",
            ));
        }
        Ok(version)
    }

    /// Whether a node is the wildcard.
    pub fn is_wildcard(self) -> bool {
        self.0.contains(&None)
    }

    /// Whether `version` matches this one, which may have wildcards.
    pub fn covers(self, version: Self) -> bool {
        self.0
            .iter()
            .zip(version.0)
            .all(|(mine, other)| mine.is_none() || *mine == other)
    }

    /// Only the first `nodes` nodes; the others become wildcards.
    pub fn truncated(self, nodes: usize) -> Self {
        let mut kept = [None; 3];
        kept[..nodes].copy_from_slice(&self.0[..nodes]);
        Self(kept)
    }

    /// The version after `newest` in the series that this wildcard names. Without a newest it is the
    /// first one, whose counting node is `first`, if that is the last one, or 0, or 1 for the major one.
    pub fn after(self, newest: Option<Self>, first: u32) -> Self {
        let Some(counting) = self.0.iter().position(Option::is_none) else {
            return self;
        };
        let mut nodes = self.0.map(|node| Some(node.unwrap_or(Node::new(0))));
        let next = match newest.and_then(|newest| newest.0[counting]) {
            Some(node) => node.number + 1,
            None if counting == 0 => 1,
            None if counting == 2 => first,
            None => 0,
        };
        nodes[counting] = Some(Node::new(next));
        Self(nodes)
    }

    /// The nodes of a version without wildcards; a wildcard counts as zero.
    pub fn nodes(self) -> [u32; 3] {
        self.0.map(|node| node.map_or(0, |node| node.number))
    }

    fn read(text: &str) -> Result<Self, ParseArnError> {
        let wrong = || ParseArnError(text.to_owned(), "a version with nodes up to 1073741823");
        let nodes: Vec<_> = text
            .split('.')
            .map(node)
            .collect::<Result<_, _>>()
            .map_err(|()| wrong())?;
        nodes.try_into().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            match node {
                Some(Node { number, digits }) => {
                    write!(f, "{number:0width$}", width = usize::from(digits.get()))?;
                }
                None => f.write_str("x")?,
            }
        }
        Ok(())
    }
}

/// The text is neither a version nor an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not {1}")]
pub(crate) struct ParseArnError(pub String, pub &'static str);

impl FromStr for Version {
    type Err = ParseArnError;

    /// A reference: to the right of a wildcard there are wildcards only.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let version = Self::read(text)?;
        let open = version.0.iter().position(Option::is_none).unwrap_or(3);
        if version.0[open..].iter().any(Option::is_some) {
            let expected = "a version, which has only 'x' to the right of an 'x'";
            return Err(ParseArnError(text.to_owned(), expected));
        }
        Ok(version)
    }
}

/// `x` is an absent number.
fn node(text: &str) -> Result<Option<Node>, ()> {
    if text == "x" {
        return Ok(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().map_err(|_| ())?;
    let digits = u8::try_from(text.len()).map_err(|_| ())?;
    match NonZeroU8::new(digits) {
        Some(digits) if is_number && number <= MAX_NODE => Ok(Some(Node { number, digits })),
        Some(_) | None => Err(()),
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_keeps_its_text_and_counts_as_numbers() {
        for text in ["1.0.0", "2019.12.02", "0.00.000", "1073741823.0.x", "x.x.x"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
        for text in [
            "1.0",
            "1.0.0.0",
            "1073741824.0.0",
            "1.x.0",
            "x.0.0",
            "1.+0.0",
            "1..0",
            "a.b.c",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("2019.9.30") < version("2019.12.02"));
        assert!(version("1.0.2") < version("1.0.010"));
        assert_eq!(version("2019.12.02").nodes(), [2019, 12, 2]);
        assert_eq!(Version::new(2019, 12, 10), version("2019.12.10"));
        assert_eq!(size_of::<Version>(), 24, "images and components have many");
    }

    #[test]
    fn a_recipe_counts_the_one_node_that_is_open() {
        let next = |series: &str, newest: Option<&str>| {
            let newest = newest.map(|text| text.parse().unwrap());
            Version::of_recipe(series)
                .unwrap()
                .after(newest, 0)
                .to_string()
        };
        assert_eq!(next("1.0.x", None), "1.0.0");
        assert_eq!(next("1.0.x", Some("1.0.9")), "1.0.10");
        assert_eq!(next("1.x.0", None), "1.0.0");
        assert_eq!(next("1.x.0", Some("1.2.0")), "1.3.0");
        assert_eq!(next("x.0.0", None), "1.0.0");
        assert_eq!(next("x.0.0", Some("4.0.0")), "5.0.0");
        assert_eq!(next("2019.12.02", Some("2019.12.01")), "2019.12.02");
        for several in ["1.x.x", "x.x.x", "x.0.x", "x.x.0"] {
            assert!(Version::of_recipe(several).is_err(), "{several}");
        }
    }
}
