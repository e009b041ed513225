//! The operations on one workflow.

use std::{borrow::Cow, sync::Arc};

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::{
        answer::latest_version_references,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        lookup,
    },
    document::workflow::{self, Step, StepAction, WorkflowKind},
    records::{
        pipeline::Pipeline,
        workflow::{Content, Workflow, arn_kind},
    },
    wire::paging::Filtered,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateWorkflow", create),
    ("GetWorkflow", get),
    ("DeleteWorkflow", delete),
];

impl Workflow {
    fn view(&self) -> Value {
        let Content {
            description,
            change_description,
            data,
            kms_key_id,
        } = &self.content;
        json!({
            "arn": self.arn,
            "name": self.name,
            "version": self.version(),
            "description": description,
            "changeDescription": change_description,
            "type": self.kind,
            "owner": self.owner,
            "data": data,
            "kmsKeyId": kms_key_id,
            "dateCreated": self.date_created,
            "tags": self.tags,
            "parameters": self.parameters(),
        })
    }

    fn parameters(&self) -> Vec<Value> {
        let parameters = self.document.parameters.iter();
        let shown = parameters.map(|parameter| {
            json!({
                "name": parameter.name,
                "type": parameter.r#type,
                "defaultValue": parameter.default_values(),
                "description": parameter.description,
            })
        });
        shown.collect()
    }
}

impl Filtered for Workflow {
    const FILTERS: &'static [&'static str] = &["name", "version", "description", "type"];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        let kind = match self.kind {
            WorkflowKind::Build => "BUILD",
            WorkflowKind::Test => "TEST",
            WorkflowKind::Distribution => "DISTRIBUTION",
        };
        match filter {
            "name" => vec![Cow::from(&self.name)],
            "version" => vec![Cow::from(self.version().to_string())],
            "description" => self.content.description.iter().map(Cow::from).collect(),
            "type" => vec![Cow::from(kind)],
            _ => Vec::new(),
        }
    }
}

/// CreateWorkflow
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let member = if request.has("uri") { "uri" } else { "data" };
    let data = request.document()?;
    let kind: WorkflowKind = request.member("type")?.unwrap_or(WorkflowKind::Build);
    let document = workflow::parse(&data, kind);
    let document = document.map_err(|error| ApiError::invalid(member, &error.to_string()))?;
    let content = Content {
        data,
        ..request.read()?
    };
    document
        .steps
        .iter()
        .try_for_each(|step| check_emulated(step, kind))?;
    let arn = next_build(request, kind, &content)?;
    check_quota(request, &arn)?;
    request.stop_if_dry_run()?;
    let workflow = Workflow {
        arn: arn.clone(),
        name: request.text("name").unwrap_or_default().to_owned(),
        kind,
        owner: request.caller().account.clone(),
        date_created: request.date(),
        tags: request.tags()?,
        content,
        document: Arc::new(document),
    };
    request.state.record_build_number(&arn);
    request.state.workflows.add(workflow);
    Ok(json!({
        "workflowBuildVersionArn": arn,
        "latestVersionReferences": latest_version_references(&arn),
    }))
}

/// Steps that AWS would carry out and the emulator cannot even pretend to. A scan that only runs if
/// scanning is enabled never runs, because images with scanning are refused.
fn check_emulated(step: &Step, kind: WorkflowKind) -> Result<(), ApiError> {
    let gap = match step.action {
        StepAction::BootstrapInstanceForContainer
        | StepAction::CreateImageFromIso
        | StepAction::DistributeContainerImage
        | StepAction::ExecuteStateMachine
        | StepAction::RegisterImage => true,
        StepAction::CreateImage => kind != WorkflowKind::Build,
        StepAction::CollectImageScanFindings => step.condition.is_none(),
        StepAction::ApplyImageConfigurations
        | StepAction::CollectImageMetadata
        | StepAction::DistributeImage
        | StepAction::ExecuteComponents
        | StepAction::LaunchInstance
        | StepAction::ModifyImageAttributes
        | StepAction::RunCommand
        | StepAction::RunSysPrep
        | StepAction::SanitizeInstance
        | StepAction::TerminateInstance
        | StepAction::WaitForAction
        | StepAction::WaitForSSMAgent => false,
    };
    let what = || format!("the action {} in step '{}'", step.action.name(), step.name);
    if gap {
        Err(ApiError::not_emulated(&what()))
    } else {
        Ok(())
    }
}

/// The ARN of the next build, unless the newest build has the same content.
fn next_build(
    request: &Request<'_>,
    kind: WorkflowKind,
    content: &Content,
) -> Result<Arn, ApiError> {
    let name = request.text("name").unwrap_or_default();
    let arn = request
        .own(arn_kind(kind), name)
        .at(request.semantic_version()?);
    match request.state.workflows.newest(&arn) {
        Some((_, existing)) if existing.content == *content => {
            Err(ApiError::exists("Workflow", &existing.arn))
        }
        Some(_) | None => Ok(request.state.next_build(&arn)),
    }
}

/// The quota counts the workflows of all types.
fn check_quota(request: &Request<'_>, arn: &Arn) -> Result<(), ApiError> {
    let limit = request.options().quotas.workflows;
    let kinds = [
        Kind::BuildWorkflow,
        Kind::TestWorkflow,
        Kind::DistributionWorkflow,
    ];
    let count = |kind| {
        let first = Arn::new(&arn.region, &arn.account, kind, "");
        request.state.workflows.all(&first).count()
    };
    let count: usize = kinds.into_iter().map(count).sum();
    if count < limit {
        Ok(())
    } else {
        Err(ApiError::quota("Workflows", limit))
    }
}

/// GetWorkflow: a build, or the newest build of a version or wildcard.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("workflowBuildVersionArn")?;
    let workflow = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    let mut references = latest_version_references(&workflow.arn);
    if let Some(members) = references.as_object_mut().filter(|_| workflow.is_managed()) {
        members.retain(|member, _| member == "latestVersionArn");
    }
    Ok(json!({"workflow": workflow.view(), "latestVersionReferences": references}))
}

/// The newest workflow that the caller can refer to by this ARN: its own or Amazon's.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<&'r Workflow> {
    let caller = request.caller();
    let reachable = arn.account == caller.account || arn.account == "aws";
    let found = request
        .state
        .workflows
        .newest(arn)
        .map(|(_, workflow)| workflow);
    found.filter(|_| reachable && arn.region == caller.region)
}

/// DeleteWorkflow: refused while a pipeline refers to the build, a wildcard resolved included.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("workflowBuildVersionArn")?;
    if arn.account != request.caller().account || find(request, &arn).is_none() {
        return Err(ApiError::not_found(&arn));
    }
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = lookup::all(&request.state.pipelines, &pipelines);
    if pipelines.any(|(_, pipeline)| names(request, pipeline, &arn)) {
        return Err(ApiError::depended_on(&arn));
    }
    request.state.workflows.remove(&arn);
    Ok(json!({"workflowBuildVersionArn": arn}))
}

fn names(request: &Request<'_>, pipeline: &Pipeline, arn: &Arn) -> bool {
    let mut used = pipeline
        .settings
        .workflows
        .iter()
        .flat_map(|workflows| workflows.iter());
    used.any(|one| find(request, &one.workflow_arn).is_some_and(|resolved| resolved.arn == *arn))
}
