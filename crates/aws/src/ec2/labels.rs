//! What people look for on AMIs and snapshots: tags, and when an AMI is deprecated.

use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::Tags;
use jiff::Timestamp;

use super::Client;
use crate::fault::CallError;
use crate::query::encoded;

impl Client {
    /// Gives resources these tags; others of theirs stay.
    pub(crate) async fn create_tags<'r>(
        &self,
        resources: impl IntoIterator<Item = &'r str>,
        tags: &Tags,
    ) -> Result<(), CallError> {
        let resources = resources.into_iter().enumerate();
        let resources = resources.map(|(n, id)| format!("&ResourceId.{}={id}", n + 1));
        let tags = tags.iter().enumerate().map(|(n, (key, value))| {
            let n = n + 1;
            format!(
                "&Tag.{n}.Key={}&Tag.{n}.Value={}",
                encoded(key),
                encoded(value)
            )
        });
        let body: String = resources.chain(tags).collect();
        self.query.call("ec2:CreateTags", body).await.map(drop)
    }

    /// Has an AMI deprecated at this time: others no longer find it, and whoever knows its id still launches it (EC2
    /// user guide, "Deprecate an Amazon EC2 AMI").
    pub(crate) async fn deprecate(&self, ami: &AmiId, at: Timestamp) -> Result<(), CallError> {
        let at = encoded(&at.to_string());
        let body = format!("&ImageId={ami}&DeprecateAt={at}");
        let answer = self.query.call("ec2:EnableImageDeprecation", body).await;
        answer.map(drop)
    }
}
