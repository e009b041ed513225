//! Making a component of a document: inline, or by its place in the output bucket.

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::desired::Platform;
use goldsmith_domain::digest::of_bytes;
use goldsmith_domain::plan::CreateComponent;

use super::imagebuilder::expect_arn;
use crate::Aws;
use crate::fault::CallError;
use crate::output::{self, Precondition};
use crate::tagging::map;

/// The most characters that Image Builder takes as `data` (API reference, `CreateComponent`).
const MOST_INLINE: usize = 16_000;

pub(super) async fn create(aws: &Aws, change: &CreateComponent) -> Result<(), CallError> {
    const OPERATION: &str = "imagebuilder:CreateComponent";
    let call = aws
        .imagebuilder
        .create_component()
        .name(&change.name)
        .semantic_version(change.arn.version().to_string())
        .description(&change.description)
        .platform(platform(change.platform))
        .set_tags(Some(map(&change.tags)));
    let call = if change.data.chars().count() > MOST_INLINE {
        call.uri(stored(aws, &change.data).await?)
    } else {
        call.data(&change.data)
    };
    let answer = call
        .send()
        .await
        .map_err(|error| CallError::new(OPERATION, error))?;
    expect_arn(
        OPERATION,
        &change.arn,
        answer.component_build_version_arn.as_deref(),
    )
}

/// Where a long document stands for Image Builder to read. Not its place among the documents: a newer one
/// could be there by now. The key has its digest, so that every run writes the same.
async fn stored(aws: &Aws, data: &str) -> Result<String, CallError> {
    let key = format!("components/{}.yml", of_bytes(data.as_bytes()));
    output::put(aws, &key, data.into(), Precondition::None).await?;
    Ok(format!("s3://{}/{key}", aws.resources.output_bucket))
}

fn platform(platform: Platform) -> ib::Platform {
    match platform {
        Platform::Linux => ib::Platform::Linux,
        Platform::Windows => ib::Platform::Windows,
    }
}
