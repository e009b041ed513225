//! The workflows that Amazon manages. Step names and order are those that the API Reference and the
//! User Guide show; the texts are ours.

use super::WorkflowKind;

/// Name, kind and document. Each runs where no workflow of that kind is named.
pub(crate) const WORKFLOWS: [(&str, WorkflowKind, &str); 3] = [
    ("build-image", WorkflowKind::Build, BUILD_IMAGE),
    ("test-image", WorkflowKind::Test, TEST_IMAGE),
    (
        "distribute-image",
        WorkflowKind::Distribution,
        DISTRIBUTE_IMAGE,
    ),
];

const BUILD_IMAGE: &str = include_str!("managed/build-image.yaml");
const TEST_IMAGE: &str = include_str!("managed/test-image.yaml");
const DISTRIBUTE_IMAGE: &str = include_str!("managed/distribute-image.yaml");

#[cfg(test)]
mod tests {
    use super::{super::parse, *};

    #[test]
    fn the_managed_workflows_are_documents() {
        for (name, kind, text) in WORKFLOWS {
            let document = parse(text, kind).unwrap();
            assert_eq!(document.name.as_deref(), Some(name));
        }
    }
}
