//! The lists of workflows: by version or name, and by build.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::request::{Answer, Handlers, Request},
    common::{arn::Arn, error::ApiError, json::to_json},
    document::workflow::WorkflowKind,
    records::workflow::{Workflow, arn_kind},
    wire::paging::{self, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("ListWorkflows", list),
    ("ListWorkflowBuildVersions", list_builds),
];

const KINDS: [WorkflowKind; 3] = [
    WorkflowKind::Build,
    WorkflowKind::Test,
    WorkflowKind::Distribution,
];

/// ListWorkflows: one entry a version, or a name; the caller's own unless `owner` says Amazon.
/// Which code AWS answers to the owners that it rejects is not known.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let (filters, by_name) = Filters::by_name::<Workflow>(request)?;
    let account = match request.text("owner") {
        Some("Amazon") => "aws",
        Some("Self") | None => request.caller().account.as_str(),
        Some(owner @ ("Shared" | "ThirdParty")) => {
            let rule = format!("The owner '{owner}' is not supported for workflows.");
            return Err(ApiError::invalid("owner", &rule));
        }
        Some(_) => return paging::page(request, "workflowVersionList", &[], |(): &()| json!({})),
    };
    let mut entries = BTreeMap::new();
    for workflow in of_account(request, account) {
        if filters.admit(workflow) {
            let arn = &workflow.arn;
            entries.insert(
                if by_name {
                    arn.series()
                } else {
                    arn.versionless_build()
                },
                workflow,
            );
        }
    }
    let mut entries: Vec<_> = entries.into_values().collect();
    paging::newest_first(&mut entries, |one| (one.date_created, &one.arn));
    paging::page(request, "workflowVersionList", &entries, |workflow| {
        version_view(workflow)
    })
}

fn of_account<'r>(request: &'r Request<'_>, account: &str) -> Vec<&'r Workflow> {
    let region = &request.caller().region;
    let mut found = Vec::new();
    for kind in KINDS {
        let first = Arn::new(region, account, arn_kind(kind), "");
        found.extend(request.state.workflows.all(&first));
    }
    found
}

fn version_view(workflow: &Workflow) -> Value {
    json!({
        "arn": to_json(&workflow.arn.versionless_build()),
        "name": workflow.name,
        "version": workflow.version(),
        "description": workflow.content.description,
        "type": workflow.kind,
        "owner": workflow.owner,
        "dateCreated": workflow.date_created,
    })
}

/// ListWorkflowBuildVersions: all builds that a version or wildcard stands for, or the caller's.
pub(crate) fn list_builds(request: &mut Request<'_>) -> Answer {
    let reference = request.optional_arn("workflowVersionArn")?;
    let caller = &request.caller().account;
    let account = reference
        .as_ref()
        .map_or(caller.as_str(), |arn| arn.account.as_str());
    let reachable = account == caller || account == "aws";
    let known = if reachable {
        of_account(request, account)
    } else {
        Vec::new()
    };
    let asked = |workflow: &&Workflow| {
        reference
            .as_ref()
            .is_none_or(|arn| arn.covers(&workflow.arn))
    };
    let mut builds: Vec<_> = known.into_iter().filter(asked).collect();
    paging::newest_first(&mut builds, |one| (one.date_created, &one.arn));
    paging::page(request, "workflowSummaryList", &builds, |workflow| {
        summary(workflow)
    })
}

fn summary(workflow: &Workflow) -> Value {
    json!({
        "arn": workflow.arn,
        "name": workflow.name,
        "version": workflow.version(),
        "description": workflow.content.description,
        "changeDescription": workflow.content.change_description,
        "type": workflow.kind,
        "owner": workflow.owner,
        "dateCreated": workflow.date_created,
        "tags": workflow.tags,
    })
}
