//! What kind of refusal each is, in the report: one for each remedy.

use super::Refused;

impl Refused {
    /// Whether it keeps access from being taken away, or from being looked at.
    pub(in crate::plan) fn is_about_access(&self) -> bool {
        matches!(
            self,
            Self::Environment { .. }
                | Self::Unreadable { .. }
                | Self::BucketPolicy(_)
                | Self::KeyPolicy(_)
        )
    }

    /// The reason in the report's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Environment { .. } => "environment",
            Self::RegionWithoutKey(_) => "region-without-key",
            Self::BuildingRegionKey { .. } => "building-region-key",
            Self::Region { .. } => "region",
            Self::Key { .. } | Self::FormerKey { .. } => "key",
            Self::InstanceProfileWithoutRole(_) | Self::InstanceRole { .. } => "instance-profile",
            Self::SubnetMissing(_) | Self::PublicIp { .. } => "subnet",
            Self::InstanceTypeMissing(_) | Self::Architecture { .. } => "instance-type",
            Self::ParameterNotAllowed { .. } | Self::Parameter(_) => "parameter",
            Self::OfParameter(_, reason) => reason.kind(),
            Self::Elsewhere { .. } => "elsewhere",
            Self::ComponentOwner { .. } => "component-owner",
            Self::BaseOwner { .. } => "base-owner",
            Self::Unreadable { .. } => "unreadable",
            Self::ParentImageMissing(_) => "parent-image",
            Self::BaseAmiMissing(_) | Self::BaseAmiUnavailable(_) => "base-ami",
            Self::MoreVolumesThanDevices { .. }
            | Self::VolumeTooSmall { .. }
            | Self::VolumeNeedsIops { .. } => "volume",
            Self::Platform { .. } | Self::DeclaredPlatform { .. } => "platform",
            Self::PipelineNotOurs(_) => "pipeline-not-ours",
            Self::Misnamed => "misnamed",
            Self::StrangersGrant { .. } => "strangers-grant",
            Self::ForgedComponent(_) => "forged-component",
            Self::ForgedRecipe(_) => "forged-recipe",
            Self::ForeignImage(_) => "foreign-image",
            Self::ForeignCopies(_) => "foreign-copies",
            Self::LeftoverInUse(_) => "leftover-in-use",
            Self::Deployment { .. } => "deployment",
            Self::AmiGone { .. } => "ami-gone",
            Self::ConfigurationNotOurs(_) => "configuration-not-ours",
            Self::Copy { .. } => "copy-failed",
            Self::Licence(..) => "licence",
            Self::Rebuild { .. } => "rebuild-failed",
            Self::RebuildRole { .. } => "rebuild-role",
            Self::RebuildLeft { .. } => "rebuild-left",
            Self::Sysprep => "sysprep",
            Self::Distribution { .. } => "distribution",
            Self::Integration(..) => "integration",
            Self::Quarantined { .. } => "quarantined",
            Self::BucketPolicy(_) => "bucket-policy",
            Self::KeyPolicy(_) => "key-policy",
        }
    }
}
