//! What a workflow's references stand for: `$.imagebuilder`, `$.parameters`, `$.stepOutputs` and
//! `$.workflowOutputs`, and the inputs and conditions that are made of them. The source is the User
//! Guide's "Use dynamic variables in your workflow document".

pub(crate) mod outputs;

use serde_json::{Map, Value, json};

use crate::{
    document::workflow::{Parameter, ParameterType, Step, WorkflowKind},
    engine::build::{base_image, ids, values::outputs::outputs},
    records::{
        execution::{Execution, StepStatus},
        image::Image,
        workflow::Workflow,
        workflow_list::{WorkflowConfiguration, WorkflowParameter},
    },
    state::State,
};

/// Whether a value is `false`, or the text of it.
pub(crate) fn is_false(value: &Value) -> bool {
    plain(value) == "false"
}

/// One execution of an image, and all that its document may refer to.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub state: &'a State,
    pub image: &'a Image,
    /// The execution's position in the image.
    pub index: usize,
    pub execution: &'a Execution,
    pub workflow: &'a Workflow,
}

impl<'a> Values<'a> {
    /// Of an execution that the image has.
    pub fn of(state: &'a State, image: &'a Image, index: usize) -> Option<Self> {
        let execution = image.executions.get(index)?;
        let workflow = state.workflows.get(execution.workflow)?;
        Some(Self {
            state,
            image,
            index,
            execution,
            workflow,
        })
    }

    /// A step of the document.
    pub fn step(&self, position: usize) -> Option<&'a Step> {
        self.workflow.document.steps.get(position)
    }

    /// `wf-<uuid>`
    pub fn id(&self) -> String {
        ids::execution(self.image.serial, self.index)
    }

    /// `step-<uuid>`
    pub fn step_id(&self, position: usize) -> String {
        ids::step(self.image.serial, self.index, position)
    }

    /// What the image's list of workflows says about this one.
    pub fn configuration(&self) -> Option<&'a WorkflowConfiguration> {
        self.image.workflows.get(usize::from(self.execution.named))
    }

    /// What a JSONPath such as `$.stepOutputs.Launch.instanceId` leads to.
    pub fn lookup(&self, path: &str) -> Option<Value> {
        let (root, rest) = path.trim().strip_prefix("$.")?.split_once('.')?;
        let (name, rest) = rest
            .split_once(['.', '['])
            .map_or((rest, ""), |(name, _)| (name, &rest[name.len()..]));
        let found = match root {
            "imagebuilder" => self.system(name)?,
            "parameters" => self.parameter(name)?,
            "stepOutputs" => self.step_outputs(name)?,
            "workflowOutputs" => self.workflow_output(name)?,
            _ => return None,
        };
        within(found, rest)
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let declared = self
            .workflow
            .document
            .parameters
            .iter()
            .find(|one| one.name == name)?;
        let given = self.configuration().and_then(|one| one.parameters.as_ref());
        let given = given.and_then(|given| given.iter().find(|one| one.name == name));
        given.map_or_else(
            || declared.default.clone(),
            |given| Some(typed(declared, given)),
        )
    }

    fn step_outputs(&self, name: &str) -> Option<Value> {
        let position = self
            .workflow
            .document
            .steps
            .iter()
            .position(|step| step.name == name)?;
        outputs(self, position)
    }

    /// Of the newest workflow that ran before this one and has an output of that name.
    fn workflow_output(&self, name: &str) -> Option<Value> {
        let earlier = (0..self.index)
            .rev()
            .filter_map(|index| Self::of(self.state, self.image, index));
        earlier
            .filter(|one| !one.execution.retried)
            .find_map(|one| {
                let output = one
                    .workflow
                    .document
                    .outputs
                    .iter()
                    .find(|output| output.name == name)?;
                Some(one.resolved(&output.value))
            })
    }

    /// The system variables. Their first letter is found in either case in the User Guide.
    fn system(&self, name: &str) -> Option<Value> {
        let image = self.image;
        let (recipe, infrastructure) = (&image.recipe, &image.infrastructure.settings);
        Some(match name.to_ascii_lowercase().as_str() {
            "cloudwatchloggroup" => json!(format!("/aws/imagebuilder/{}", recipe.name)),
            "cloudwatchlogstream" => json!(image.version()),
            "collectimagemetadata" => json!(image.enhanced_metadata),
            "collectimagescanfindings" => json!(false),
            "datetime" => json!(image.date_created),
            "imagebuildnumber" => json!(image.arn.build),
            "imageid" => json!(base_image::base_id(self.state, image)),
            "imagename" => json!(recipe.name),
            "imagetype" => json!("AMI"),
            "imageversionnumber" => json!(recipe.version),
            "instanceprofilename" => json!(infrastructure.instance_profile_name),
            "platform" => json!(recipe.platform),
            "s3logs" => infrastructure.logging.clone()?,
            "securitygroups" => json!(infrastructure.security_group_ids.clone()?),
            "sourceimagearn" => json!(image.arn),
            "subnetid" => json!(infrastructure.subnet_id.clone()?),
            "terminateinstanceonfailure" => json!(infrastructure.terminate_instance_on_failure),
            "workflowphase" => json!(phase(self.execution.kind)),
            "workingdirectory" => json!(recipe.settings.working_directory),
            _ => return None,
        })
    }

    /// A step's inputs: as written if it has not run, else with every reference replaced.
    pub fn inputs(&self, position: usize) -> Value {
        let Some(step) = self.step(position) else {
            return Value::Null;
        };
        let written = Value::Object(step.inputs.clone());
        match self
            .execution
            .steps
            .get(position)
            .map(|record| record.status)
        {
            None | Some(StepStatus::Pending | StepStatus::Skipped) => written,
            Some(
                StepStatus::Running
                | StepStatus::Completed
                | StepStatus::Failed
                | StepStatus::Cancelled,
            ) => self.resolved(&written),
        }
    }

    /// One input of a step, replaced.
    pub fn input(&self, position: usize, name: &str) -> Option<Value> {
        let inputs = &self.step(position)?.inputs;
        let referred = inputs.get(&format!("{name}.$")).and_then(Value::as_str);
        let referred = referred.and_then(|path| self.lookup(path));
        referred.or_else(|| inputs.get(name).map(|value| self.resolved(value)))
    }

    /// A value with `key.$` and `{{ $.path }}` replaced, at every depth.
    pub fn resolved(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with("$.") => {
                self.lookup(text).unwrap_or_else(|| value.clone())
            }
            Value::String(text) => Value::from(self.interpolated(text)),
            Value::Array(items) => items.iter().map(|item| self.resolved(item)).collect(),
            Value::Object(members) => Value::Object(self.resolved_members(members)),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn resolved_members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let resolved = members
            .iter()
            .map(|(key, value)| match key.strip_suffix(".$") {
                Some(bare) => {
                    let path = value.as_str().and_then(|path| self.lookup(path));
                    (bare.to_owned(), path.unwrap_or_else(|| value.clone()))
                }
                None => (key.clone(), self.resolved(value)),
            });
        resolved.collect()
    }

    fn interpolated(&self, text: &str) -> String {
        let mut parts = text.split("{{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let found = part
                .split_once("}}")
                .and_then(|(path, rest)| Some((self.lookup(path)?, rest)));
            match found {
                Some((value, rest)) => filled.extend([plain(&value).as_str(), rest]),
                None => filled.extend(["{{", part]),
            }
        }
        filled
    }

    /// Whether a step's `if` lets it run.
    pub fn admits(&self, step: &Step) -> bool {
        step.condition
            .as_ref()
            .is_none_or(|condition| self.holds(condition))
    }

    fn holds(&self, condition: &Value) -> bool {
        let branch = |name: &str| condition.get(name).and_then(Value::as_array);
        if let Some(all) = branch("and") {
            return all.iter().all(|one| self.holds(one));
        }
        if let Some(any) = branch("or") {
            return any.iter().any(|one| self.holds(one));
        }
        match condition.get("not") {
            Some(Value::Array(all)) => !all.iter().all(|one| self.holds(one)),
            Some(one) => !self.holds(one),
            None => self.compares(condition),
        }
    }

    fn compares(&self, condition: &Value) -> bool {
        let value = condition
            .get("value")
            .map(|value| self.resolved(value))
            .unwrap_or_default();
        let Some((operator, other)) = condition
            .as_object()
            .into_iter()
            .flatten()
            .find(|(key, _)| *key != "value")
        else {
            return false;
        };
        let other = self.resolved(other);
        let numbers = number(&value).zip(number(&other));
        match operator.as_str() {
            "booleanEquals" | "stringEquals" => plain(&value) == plain(&other),
            "numberEquals" => numbers.is_some_and(|(value, other)| value.total_cmp(&other).is_eq()),
            "numberLessThan" => numbers.is_some_and(|(value, other)| value < other),
            "numberLessThanEquals" => numbers.is_some_and(|(value, other)| value <= other),
            "numberGreaterThan" => numbers.is_some_and(|(value, other)| value > other),
            "numberGreaterThanEquals" => numbers.is_some_and(|(value, other)| value >= other),
            _ => false,
        }
    }
}

fn phase(kind: WorkflowKind) -> &'static str {
    match kind {
        WorkflowKind::Build => "Build",
        WorkflowKind::Test => "Test",
        WorkflowKind::Distribution => "Distribution",
    }
}

fn typed(declared: &Parameter, given: &WorkflowParameter) -> Value {
    let single = given.value.first().map_or("", String::as_str);
    match declared.r#type {
        ParameterType::String => Value::from(single),
        ParameterType::Integer => single.parse::<i64>().map_or(Value::Null, Value::from),
        ParameterType::Boolean => Value::from(single == "true"),
        ParameterType::StringList => given.value.iter().cloned().collect(),
    }
}

/// A value as text: a string as it is, anything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A number, or a string that is one.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Follows `.member` and `[0]`.
fn within(found: Value, path: &str) -> Option<Value> {
    let steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
    steps
        .into_iter()
        .try_fold(found, |value, step| match value.as_array() {
            Some(items) => items.get(step.parse::<usize>().ok()?).cloned(),
            None => value.get(step).cloned(),
        })
}
