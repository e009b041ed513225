//! What a workflow puts out, and whether it can be the id of an image.

use serde_json::Value;

use super::{StepAction, WorkflowDocument};

impl WorkflowDocument {
    /// Whether the value of an output can be an image's id: one itself, or a reference to what may hold one (User
    /// Guide, "Use dynamic variables in your workflow document").
    pub fn may_be_image(&self, value: &Value) -> bool {
        let path: Vec<&str> = value.as_str().unwrap_or_default().split('.').collect();
        match path.as_slice() {
            ["$", "stepOutputs", step, output, ..] => self
                .steps
                .iter()
                .any(|one| one.name == *step && one.action.may_put_out_image(output)),
            ["$", "parameters", name] => self.parameters.iter().any(|one| one.name == *name),
            // What another workflow or the service knows is not in this document.
            ["$", "workflowOutputs" | "imagebuilder", _, ..] => true,
            [literal] => is_ami_id(literal),
            _ => false,
        }
    }
}

impl StepAction {
    /// Whether this output of a step may be an image's id: that of an image that the step makes, or whatever a
    /// command, a state machine or a person says (User Guide, "Supported step actions").
    fn may_put_out_image(self, output: &str) -> bool {
        let name = match self {
            Self::CreateImage | Self::CreateImageFromIso | Self::RegisterImage => "imageId",
            Self::ExecuteComponents | Self::ExecuteStateMachine | Self::RunCommand => "output",
            Self::WaitForAction => "reason",
            Self::ApplyImageConfigurations
            | Self::BootstrapInstanceForContainer
            | Self::CollectImageMetadata
            | Self::CollectImageScanFindings
            | Self::DistributeContainerImage
            | Self::DistributeImage
            | Self::LaunchInstance
            | Self::ModifyImageAttributes
            | Self::RunSysPrep
            | Self::SanitizeInstance
            | Self::TerminateInstance
            | Self::WaitForSSMAgent => return false,
        };
        output == name
    }
}

/// `ami-` and 8 or 17 hexadecimal digits.
fn is_ami_id(text: &str) -> bool {
    let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    text.strip_prefix("ami-")
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(is_digit))
}

#[cfg(test)]
mod tests {
    use crate::document::workflow::{WorkflowKind, parse};

    #[test]
    fn an_image_is_an_id_or_what_a_step_or_a_parameter_may_say() {
        let document = parse(
            "schemaVersion: 1.0
parameters:
  - {name: image, type: string}
steps:
  - {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}
  - {name: Create, action: CreateImage, inputs: {instanceId.$: $.stepOutputs.Launch.instanceId}}
  - {name: Machine, action: ExecuteStateMachine, inputs: {stateMachineArn: arn}}
",
            WorkflowKind::Build,
        )
        .expect("a document");
        for (value, may_be) in [
            ("ami-0123456789abcdef0", true),
            ("ami-01234567", true),
            ("$.stepOutputs.Create.imageId", true),
            ("$.stepOutputs.Machine.output.ImageId", true),
            ("$.parameters.image", true),
            ("$.workflowOutputs.Before.ImageId", true),
            ("$.stepOutputs.Launch.instanceId", false),
            ("$.stepOutputs.Create.instanceId", false),
            ("$.stepOutputs.Missing.imageId", false),
            ("$.stepOutputs.Create", false),
            ("$.parameters.other", false),
            ("$.other.image", false),
            ("ami-1", false),
            ("", false),
            ("i-0123456789abcdef0", false),
        ] {
            assert_eq!(document.may_be_image(&value.into()), may_be, "{value}");
        }
        assert!(!document.may_be_image(&serde_json::json!(["ami-01234567"])));
    }
}
