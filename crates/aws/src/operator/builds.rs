//! Every image build, with what a person wants to know of it.

use std::time::Duration;

use goldsmith_domain::arn::ImageArn;
use goldsmith_domain::observed::Image;
use jiff::Timestamp;

use crate::fault::CallError;
use crate::{Aws, imagebuilder as shapes};

/// The largest page that Image Builder gives (API reference, `maxResults`).
const PAGE: i32 = 100;

/// An image build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The image.
    pub image: Image,
    /// The image's name as its recipe has it, which its log group is called after.
    pub name: Option<String>,
    /// When it was started, as Image Builder writes it (RFC 3339).
    pub created: Option<String>,
}

/// Every image build of the account and Region.
pub async fn builds(aws: &Aws) -> Result<Vec<Build>, CallError> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let call = aws
            .imagebuilder
            .list_image_build_versions()
            .max_results(PAGE)
            .set_next_token(token);
        let page = call.send().await;
        let page =
            page.map_err(|error| CallError::new("imagebuilder:ListImageBuildVersions", error))?;
        all.extend(page.image_summary_list().iter().filter_map(|summary| {
            let image = shapes::image_summary(summary, &aws.stack.account)?;
            let name = summary.name().map(str::to_owned);
            Some(Build {
                image,
                name,
                created: summary.date_created().map(str::to_owned),
            })
        }));
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// How long the build of an image took, from its first workflow to the end of its last one; none if Image
/// Builder has forgotten it, or if it still runs.
pub async fn duration(aws: &Aws, image: &ImageArn) -> Result<Option<Duration>, CallError> {
    let call = aws
        .imagebuilder
        .list_workflow_executions()
        .image_build_version_arn(image.to_string());
    let answer = call.send().await;
    let answer =
        answer.map_err(|error| CallError::new("imagebuilder:ListWorkflowExecutions", error))?;
    let time = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
    let all = answer.workflow_executions();
    let start = all.iter().filter_map(|one| time(one.start_time())).min();
    let end: Option<Vec<Timestamp>> = all.iter().map(|one| time(one.end_time())).collect();
    let end = end.and_then(|ends| ends.into_iter().max());
    Ok(start.zip(end).and_then(|(start, end)| {
        let took = end.duration_since(start);
        Duration::try_from(took).ok()
    }))
}
