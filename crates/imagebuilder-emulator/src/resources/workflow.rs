//! Workflows: immutable builds of versions of a name, of one of three types.
//!
//! A build that was deleted stays known to the executions that ran it, so that executions need not
//! carry a document each.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer, latest_version_references,
    pipeline::Pipeline,
    recipe_checks,
    workflow_use::{WorkflowConfiguration, WorkflowList},
};
use crate::{
    arn::{Arn, Kind, Version},
    date::Date,
    document::workflow::{self as document, Step, StepAction, WorkflowDocument, WorkflowKind},
    operations::Handlers,
    paging::Filtered,
    refusal::Refusal,
    request::Request,
    state::{self, Tags},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateWorkflow", create),
    ("GetWorkflow", get),
    ("DeleteWorkflow", delete),
];

/// A workflow build.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workflow {
    pub arn: Arn,
    pub name: String,
    pub kind: WorkflowKind,
    /// The account, or `Amazon`.
    pub owner: String,
    pub date_created: Date,
    pub tags: Tags,
    pub content: Content,
    pub document: Arc<WorkflowDocument>,
}

/// What identifies a build: the same content twice is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub description: Option<String>,
    pub change_description: Option<String>,
    #[serde(default)]
    pub data: String,
    pub kms_key_id: Option<String>,
}

/// A workflow build, whether it still exists or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkflowId(u32);

/// All workflow builds of the emulator.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Workflows {
    known: Vec<Workflow>,
    existing: BTreeMap<Arn, WorkflowId>,
    /// Kept, so that images share them.
    defaults: BTreeMap<String, WorkflowList>,
}

impl Workflows {
    /// Adds a build.
    pub fn add(&mut self, workflow: Workflow) {
        let id = WorkflowId(u32::try_from(self.known.len()).unwrap_or(u32::MAX));
        self.existing.insert(workflow.arn.clone(), id);
        self.known.push(workflow);
    }

    /// A build that was there once.
    pub fn get(&self, id: WorkflowId) -> Option<&Workflow> {
        self.known.get(id.0 as usize)
    }

    /// The newest existing build that a reference stands for.
    pub fn newest(&self, reference: &Arn) -> Option<(WorkflowId, &Workflow)> {
        let (_, id) = state::newest(&self.existing, reference)?;
        Some((*id, self.get(*id)?))
    }

    /// The existing builds of the kind, account and Region of `first`, in order.
    pub fn all(&self, first: &Arn) -> impl Iterator<Item = &Workflow> {
        let ids: Vec<_> = state::all(&self.existing, first)
            .map(|(_, id)| *id)
            .collect();
        ids.into_iter().filter_map(|id| self.get(id))
    }

    /// The workflows of Amazon's that run in a Region where none are named, at their newest builds.
    pub fn defaults(&mut self, region: &str) -> WorkflowList {
        if let Some(known) = self.defaults.get(region) {
            return Arc::clone(known);
        }
        let newest = |name: &(Kind, &str)| {
            let series = Arn::new(region, "aws", name.0, name.1).at(Version::ANY);
            self.newest(&series)
                .map(|(_, workflow)| WorkflowConfiguration::of(workflow.arn.clone()))
        };
        let list: WorkflowList = Arc::new(DEFAULTS.iter().filter_map(newest).collect());
        self.defaults.insert(region.to_owned(), Arc::clone(&list));
        list
    }

    /// Forgets that a build exists.
    pub fn remove(&mut self, arn: &Arn) {
        self.existing.remove(arn);
    }

    /// The tags of an existing build.
    pub fn tags(&mut self, arn: &Arn) -> Option<&mut Tags> {
        let id = self.existing.get(arn)?;
        self.known
            .get_mut(id.0 as usize)
            .map(|workflow| &mut workflow.tags)
    }
}

/// What runs if no workflows are named. Image Builder distributes by itself then: no execution of a
/// distribution workflow shows in the API Reference's example of such an image.
const DEFAULTS: [(Kind, &str); 2] = [
    (Kind::BuildWorkflow, "build-image"),
    (Kind::TestWorkflow, "test-image"),
];

/// The kind of ARN that workflows of a type have.
pub(crate) fn arn_kind(kind: WorkflowKind) -> Kind {
    match kind {
        WorkflowKind::Build => Kind::BuildWorkflow,
        WorkflowKind::Test => Kind::TestWorkflow,
        WorkflowKind::Distribution => Kind::DistributionWorkflow,
    }
}

impl Workflow {
    /// Whether Amazon manages it.
    pub fn is_managed(&self) -> bool {
        self.arn.account == "aws"
    }

    /// The version without the build.
    pub fn version(&self) -> Version {
        self.arn.version.unwrap_or(Version::ANY)
    }

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
    let document = document::parse(&data, kind);
    let document = document.map_err(|error| Refusal::invalid(member, &error.to_string()))?;
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
    request.state.number_given(&arn);
    request.state.workflows.add(workflow);
    Ok(json!({
        "workflowBuildVersionArn": arn,
        "latestVersionReferences": latest_version_references(&arn),
    }))
}

/// Steps that AWS would carry out and the emulator cannot even pretend to. A scan that only runs if
/// scanning is enabled never runs, because images with scanning are refused.
fn check_emulated(step: &Step, kind: WorkflowKind) -> Result<(), Refusal> {
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
        Err(Refusal::not_emulated(&what()))
    } else {
        Ok(())
    }
}

/// The ARN of the next build, unless the newest build has the same content.
fn next_build(
    request: &Request<'_>,
    kind: WorkflowKind,
    content: &Content,
) -> Result<Arn, Refusal> {
    let name = request.text("name").unwrap_or_default();
    let arn = request
        .own(arn_kind(kind), name)
        .at(recipe_checks::version(request)?);
    match request.state.workflows.newest(&arn) {
        Some((_, existing)) if existing.content == *content => {
            Err(Refusal::exists("Workflow", &existing.arn))
        }
        Some(_) | None => Ok(request.state.next_build(&arn)),
    }
}

/// The quota counts the workflows of all types.
fn check_quota(request: &Request<'_>, arn: &Arn) -> Result<(), Refusal> {
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
        Err(Refusal::quota("Workflows", limit))
    }
}

/// GetWorkflow: a build, or the newest build of a version or wildcard.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("workflowBuildVersionArn")?;
    let workflow = find(request, &arn).ok_or_else(|| Refusal::not_found(&arn))?;
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
        return Err(Refusal::not_found(&arn));
    }
    let pipelines = request.own(Kind::ImagePipeline, "");
    let mut pipelines = state::all(&request.state.pipelines, &pipelines);
    if pipelines.any(|(_, pipeline)| names(request, pipeline, &arn)) {
        return Err(Refusal::depended_on(&arn));
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
