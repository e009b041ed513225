//! The keys: whether the one of the images is rotated, and the one that signs can be used.

use goldsmith_domain::names::KeyArn;

use super::Inspection;
use crate::fault::CallError;

impl Inspection<'_> {
    pub(super) async fn image_key(&mut self) {
        let image_key = self.aws.stack.key.clone();
        if self.rotates(&image_key).await == Some(false) {
            self.fault(image_key.as_str(), "the key is not rotated");
        }
    }

    pub(super) async fn signing_key(&mut self) {
        let signing_key = self.aws.resources.signing_key.clone();
        if self.is_usable(&signing_key).await == Some(false) {
            self.fault(
                signing_key.as_str(),
                "the key cannot be used, so that nothing can be signed",
            );
        }
    }

    async fn rotates(&mut self, key: &KeyArn) -> Option<bool> {
        let call = self.aws.kms.get_key_rotation_status().key_id(key.as_str());
        let answer = call.send().await;
        let answer = answer.map_err(|error| CallError::new("kms:GetKeyRotationStatus", error));
        let status = self.allowed(answer);
        status.map(|status| status.key_rotation_enabled)
    }

    async fn is_usable(&mut self, key: &KeyArn) -> Option<bool> {
        let answer = self.aws.kms.describe_key().key_id(key.as_str()).send();
        let answer = answer
            .await
            .map_err(|error| CallError::new("kms:DescribeKey", error));
        let found = self.allowed(answer);
        let metadata = found.and_then(|found| found.key_metadata);
        metadata.map(|key| key.enabled)
    }
}
