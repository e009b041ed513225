//! A small XML tree, enough for EC2's answers.

use std::fmt::{self, Display};

use quick_xml::escape::escape;

/// An element with either text or children.
#[derive(Debug, Clone)]
pub(crate) struct Xml {
    name: &'static str,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Children(Vec<Xml>),
}

impl Xml {
    /// An element without content.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            content: Content::Children(Vec::new()),
        }
    }

    /// An element with text.
    pub fn leaf(name: &'static str, text: impl Display) -> Self {
        Self {
            name,
            content: Content::Text(text.to_string()),
        }
    }

    /// An element with a child for each item.
    pub fn list(name: &'static str, items: impl IntoIterator<Item = Self>) -> Self {
        Self {
            name,
            content: Content::Children(items.into_iter().collect()),
        }
    }

    /// With one more child.
    pub fn child(mut self, child: Self) -> Self {
        match &mut self.content {
            Content::Children(children) => children.push(child),
            Content::Text(_) => self.content = Content::Children(vec![child]),
        }
        self
    }

    /// With one more child that has text.
    pub fn text(self, name: &'static str, text: impl Display) -> Self {
        self.child(Self::leaf(name, text))
    }

    /// With one more child, if there is a text for it.
    pub fn optional(self, name: &'static str, text: Option<impl Display>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// With more children.
    pub fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }
}

impl Display for Xml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.name)?;
        match &self.content {
            Content::Text(text) => f.write_str(&escape(text))?,
            Content::Children(children) => {
                children
                    .iter()
                    .try_for_each(|child| Display::fmt(child, f))?;
            }
        }
        write!(f, "</{}>", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let xml = Xml::new("a")
            .text("b", "x < y & z")
            .optional("c", None::<&str>);
        assert_eq!(xml.to_string(), "<a><b>x &lt; y &amp; z</b></a>");
    }
}
