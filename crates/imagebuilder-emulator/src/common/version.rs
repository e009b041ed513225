//! Semantic versions, with `x` as a wildcard.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The highest number of a version's node, 2^30-1.
const MAX_NODE: u32 = (1 << 30) - 1;

/// `major.minor.patch`; a node that is `None` is the wildcard `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Version([Option<u32>; 3]);

impl Version {
    /// `x.x.x`
    pub const ANY: Self = Self([None; 3]);

    /// A version without wildcards.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([Some(major), Some(minor), Some(patch)])
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

    /// The version after `newest` in the series that this wildcard names; without a newest the
    /// first one, whose last node is `first`. The node to the left of the wildcards is kept, the
    /// first wildcard counts up, those to its right start again.
    pub fn after(self, newest: Option<Self>, first: u32) -> Self {
        let Some(counting) = self.0.iter().position(Option::is_none) else {
            return self;
        };
        let mut nodes = self.0.map(|node| Some(node.unwrap_or(0)));
        match newest {
            Some(newest) => nodes[counting] = newest.0[counting].map(|node| node + 1),
            None if counting == 0 => nodes[0] = Some(1),
            None => nodes[2] = Some(first),
        }
        Self(nodes)
    }

    /// The nodes of a version without wildcards; a wildcard counts as zero.
    pub fn nodes(self) -> [u32; 3] {
        self.0.map(Option::unwrap_or_default)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            match node {
                Some(number) => write!(f, "{number}")?,
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

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseArnError(text.to_owned(), "a version with nodes up to 1073741823");
        let nodes: Vec<_> = text
            .split('.')
            .map(node)
            .collect::<Result<_, _>>()
            .map_err(|()| wrong())?;
        let version = Self(nodes.try_into().map_err(|_| wrong())?);
        let open = version.0.iter().position(Option::is_none).unwrap_or(3);
        if version.0[open..].iter().any(Option::is_some) {
            Err(wrong())
        } else {
            Ok(version)
        }
    }
}

/// `x` is `None`.
fn node(text: &str) -> Result<Option<u32>, ()> {
    if text == "x" {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| ())?;
    if number <= MAX_NODE {
        Ok(Some(number))
    } else {
        Err(())
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
