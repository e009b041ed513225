//! Workflows that Amazon manages, with account `aws` in their ARN. The names and the versions of
//! those that build and test are ones that have been seen; the texts are ours.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;

use crate::{
    common::{arn::Arn, date::Date, tags::Tags, version::Version},
    document::workflow::{self, WorkflowDocument, WorkflowKind, managed::WORKFLOWS},
    records::workflow::{Content, Workflow, arn_kind},
};

struct Managed {
    name: &'static str,
    kind: WorkflowKind,
    text: &'static str,
    document: Arc<WorkflowDocument>,
}

static MANAGED: LazyLock<Vec<Managed>> = LazyLock::new(|| {
    let parsed = |(name, kind, text)| {
        let document = Arc::new(workflow::parse(text, kind).ok()?);
        Some(Managed {
            name,
            kind,
            text,
            document,
        })
    };
    WORKFLOWS.into_iter().filter_map(parsed).collect()
});

/// Older versions stay: pipelines name them.
const VERSIONS: [Version; 4] = [
    Version::new(1, 0, 0),
    Version::new(1, 0, 1),
    Version::new(1, 0, 2),
    Version::new(1, 0, 3),
];

/// The managed workflows of a Region.
pub(crate) fn workflows(region: &str) -> impl Iterator<Item = Workflow> {
    MANAGED.iter().flat_map(move |managed| {
        let versions = match managed.kind {
            WorkflowKind::Build | WorkflowKind::Test => &VERSIONS[..],
            WorkflowKind::Distribution => &VERSIONS[..1],
        };
        versions
            .iter()
            .map(move |version| workflow(managed, region, *version))
    })
}

fn workflow(managed: &Managed, region: &str, version: Version) -> Workflow {
    Workflow {
        arn: Arn::new(region, "aws", arn_kind(managed.kind), managed.name)
            .at(version)
            .build(1),
        name: managed.name.to_owned(),
        kind: managed.kind,
        owner: "Amazon".to_owned(),
        date_created: Date(Timestamp::UNIX_EPOCH),
        tags: Tags::new(),
        content: Content {
            description: managed.document.description.clone(),
            change_description: None,
            data: managed.text.to_owned(),
            kms_key_id: None,
        },
        document: Arc::clone(&managed.document),
    }
}
