//! The step actions, with what the User Guide's page "Supported step actions" says of each.

use serde::{Deserialize, Serialize};

use super::WorkflowKind;

/// What a step does, spelled as in documents and in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum StepAction {
    ApplyImageConfigurations,
    BootstrapInstanceForContainer,
    CollectImageMetadata,
    CollectImageScanFindings,
    CreateImage,
    CreateImageFromIso,
    DistributeContainerImage,
    DistributeImage,
    ExecuteComponents,
    ExecuteStateMachine,
    LaunchInstance,
    ModifyImageAttributes,
    RegisterImage,
    RunCommand,
    RunSysPrep,
    SanitizeInstance,
    TerminateInstance,
    WaitForAction,
    WaitForSSMAgent,
}

use StepAction as A;

const ALL: [StepAction; 19] = [
    A::ApplyImageConfigurations,
    A::BootstrapInstanceForContainer,
    A::CollectImageMetadata,
    A::CollectImageScanFindings,
    A::CreateImage,
    A::CreateImageFromIso,
    A::DistributeContainerImage,
    A::DistributeImage,
    A::ExecuteComponents,
    A::ExecuteStateMachine,
    A::LaunchInstance,
    A::ModifyImageAttributes,
    A::RegisterImage,
    A::RunCommand,
    A::RunSysPrep,
    A::SanitizeInstance,
    A::TerminateInstance,
    A::WaitForAction,
    A::WaitForSSMAgent,
];

impl StepAction {
    /// The action with this name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|action| action.name() == name)
    }

    /// As documents and the API spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplyImageConfigurations => "ApplyImageConfigurations",
            Self::BootstrapInstanceForContainer => "BootstrapInstanceForContainer",
            Self::CollectImageMetadata => "CollectImageMetadata",
            Self::CollectImageScanFindings => "CollectImageScanFindings",
            Self::CreateImage => "CreateImage",
            Self::CreateImageFromIso => "CreateImageFromIso",
            Self::DistributeContainerImage => "DistributeContainerImage",
            Self::DistributeImage => "DistributeImage",
            Self::ExecuteComponents => "ExecuteComponents",
            Self::ExecuteStateMachine => "ExecuteStateMachine",
            Self::LaunchInstance => "LaunchInstance",
            Self::ModifyImageAttributes => "ModifyImageAttributes",
            Self::RegisterImage => "RegisterImage",
            Self::RunCommand => "RunCommand",
            Self::RunSysPrep => "RunSysPrep",
            Self::SanitizeInstance => "SanitizeInstance",
            Self::TerminateInstance => "TerminateInstance",
            Self::WaitForAction => "WaitForAction",
            Self::WaitForSSMAgent => "WaitForSSMAgent",
        }
    }

    /// The timeout without `timeoutSeconds`, and the longest that is allowed, in seconds.
    pub fn timeouts(self) -> (u32, u32) {
        let (default, longest) = self.timeouts_in_minutes();
        (default * 60, longest * 60)
    }

    fn timeouts_in_minutes(self) -> (u32, u32) {
        match self {
            Self::LaunchInstance => (75, 720),
            Self::WaitForSSMAgent => (60, 180),
            Self::BootstrapInstanceForContainer | Self::RunSysPrep | Self::SanitizeInstance => {
                (60, 720)
            }
            Self::CollectImageMetadata | Self::TerminateInstance => (30, 720),
            Self::CollectImageScanFindings | Self::DistributeContainerImage => (120, 720),
            Self::ModifyImageAttributes => (120, 180),
            Self::DistributeImage | Self::ApplyImageConfigurations => (360, 720),
            Self::ExecuteStateMachine => (360, 24 * 60),
            Self::RegisterImage => (540, 720),
            Self::RunCommand | Self::CreateImageFromIso => (720, 720),
            Self::ExecuteComponents => (720, 24 * 60),
            Self::CreateImage => (720, 3 * 24 * 60),
            Self::WaitForAction => (3 * 24 * 60, 7 * 24 * 60),
        }
    }

    /// Whether a workflow of this kind may have it. The page also says of CollectImageMetadata that
    /// it is for builds only, but its table, which is newer, allows it everywhere.
    pub fn is_allowed_in(self, kind: WorkflowKind) -> bool {
        if self.distributes_amis() || self == Self::DistributeContainerImage {
            return kind == WorkflowKind::Distribution;
        }
        match kind {
            WorkflowKind::Build => self != Self::CollectImageScanFindings,
            WorkflowKind::Test => true,
            WorkflowKind::Distribution => !matches!(
                self,
                Self::ExecuteComponents | Self::CollectImageScanFindings
            ),
        }
    }

    /// These exclude DistributeContainerImage from the same workflow.
    pub fn distributes_amis(self) -> bool {
        matches!(
            self,
            Self::DistributeImage | Self::ModifyImageAttributes | Self::ApplyImageConfigurations
        )
    }

    /// The inputs that must be there, as such or as a reference with `.$`.
    pub fn required_inputs(self) -> &'static [&'static str] {
        match self {
            Self::LaunchInstance => &["waitFor"],
            Self::RunCommand => &["instanceId", "documentName"],
            Self::ExecuteStateMachine => &["stateMachineArn"],
            Self::ModifyImageAttributes | Self::ApplyImageConfigurations => &["distributedImages"],
            Self::DistributeImage | Self::RegisterImage | Self::WaitForAction => &[],
            Self::BootstrapInstanceForContainer
            | Self::CollectImageMetadata
            | Self::CollectImageScanFindings
            | Self::CreateImage
            | Self::CreateImageFromIso
            | Self::DistributeContainerImage
            | Self::ExecuteComponents
            | Self::RunSysPrep
            | Self::SanitizeInstance
            | Self::TerminateInstance
            | Self::WaitForSSMAgent => &["instanceId"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_are_the_serialized_ones() {
        for action in ALL {
            assert_eq!(StepAction::named(action.name()), Some(action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            let (default, longest) = action.timeouts();
            assert!(default <= longest, "{action:?}");
        }
    }
}
