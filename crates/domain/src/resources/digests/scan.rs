//! What the digest of a pipeline's scan is taken of.

use serde::Serialize;

use crate::digest::{self, DigestInput};
use crate::names::Digest;
use crate::scan::{ImageScan, ScanCondition};

/// Version 1 of the scan of a pipeline's images. Without a scan there is no such digest.
#[derive(Serialize)]
struct ScanDigestV1 {
    #[serde(rename = "scans")]
    scans: &'static str,
    #[serde(rename = "condition")]
    condition: Option<ConditionDigestV1>,
}

#[derive(Serialize)]
struct ConditionDigestV1 {
    #[serde(rename = "highest")]
    highest: &'static str,
    #[serde(rename = "only_with_fix")]
    only_with_fix: bool,
}

impl DigestInput for ScanDigestV1 {}

impl From<ImageScan> for ScanDigestV1 {
    fn from(scan: ImageScan) -> Self {
        let (scans, condition) = match scan {
            ImageScan::TestInstance => ("test-instance", None),
            ImageScan::Ami(condition) => ("ami", condition),
        };
        let condition = condition.map(Into::into);
        Self { scans, condition }
    }
}

impl From<ScanCondition> for ConditionDigestV1 {
    fn from(condition: ScanCondition) -> Self {
        let ScanCondition {
            highest,
            only_with_fix,
        } = condition;
        Self {
            highest: highest.as_str(),
            only_with_fix,
        }
    }
}

impl ImageScan {
    /// The digest of it.
    pub fn digest(self) -> Digest {
        digest::of(&ScanDigestV1::from(self))
    }

    /// The text that the digest is taken of.
    pub fn digest_input(self) -> String {
        ScanDigestV1::from(self).text()
    }
}
