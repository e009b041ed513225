//! What a variable becomes.

/// A member of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The document.
    pub document: &'static str,
    /// The member, as a JSON pointer.
    pub pointer: String,
}

/// What a variable becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// Members of documents have its value.
    Members(Vec<Spot>),
    /// The document says something else there, and is nearer than the variable.
    Kept(Spot),
    /// It has a use outside of documents, which the text names.
    Elsewhere(&'static str),
    /// It has no use, for this reason.
    Unused(String),
}

impl Use {
    /// Both uses: members of either count, and else the first one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Members(mut spots), Self::Members(others)) => {
                spots.extend(others);
                Self::Members(spots)
            }
            (Self::Unused(_), other) | (Self::Kept(_), other @ Self::Members(_)) => other,
            (first, _) => first,
        }
    }
}
