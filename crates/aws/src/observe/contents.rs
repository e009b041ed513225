//! Reads what configurations say: where that will change, and in search of drift.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use aws_sdk_imagebuilder::types as ib;
use goldsmith_domain::desired::{LogLocation, MetadataOptions};
use goldsmith_domain::observed::{Configuration, Content, Depth, Observed, Subject, Unreadable};
use goldsmith_domain::plan::Configurations;
use goldsmith_domain::resources::{Distribution, Infrastructure, Wanted};

use super::distribution::distribution;
use super::{required, unread};
use crate::at_once::read_each;
use crate::fault::CallError;
use crate::{Aws, imagebuilder as shapes};

/// Reads the configurations that a plan needs by content, and in search of drift all of ours.
pub(super) async fn read(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let needed = |depth| required(wanted, observed, depth).configurations;
    let (needed, plain) = (needed(depth), needed(Depth::Digest));
    let count = |configurations: &Configurations| {
        configurations.infrastructure.len() + configurations.distributions.len()
    };
    aws.count_drift_calls(count(&needed) - count(&plain));
    let Configurations {
        infrastructure,
        distributions,
    } = needed;
    let unread = &mut observed.unreadable;
    let content = |arn: String| infrastructure_content(aws, arn);
    fill(
        &mut observed.infrastructure,
        infrastructure,
        content,
        unread,
    )
    .await?;
    let content = |arn: String| distribution_content(aws, arn);
    fill(&mut observed.distributions, distributions, content, unread).await
}

/// Reads the content of the configurations with these ARNs.
async fn fill<T, F>(
    all: &mut [Configuration<T>],
    arns: BTreeSet<String>,
    content: impl Fn(String) -> F,
    unread: &mut Vec<Unreadable>,
) -> Result<(), CallError>
where
    F: Future<Output = Result<Option<Content<T>>, CallError>>,
{
    let content = &content;
    let read = read_each(arns, |arn| async move {
        let found = content(arn.clone()).await;
        let found = unread::read(Subject::Configuration(arn.clone()), found)?;
        Ok::<_, CallError>((arn, found))
    });
    let mut found: BTreeMap<_, _> = read.await?.into_iter().collect();
    for standing in all {
        if let Some(content) = found.remove(&standing.arn) {
            standing.content = content.into(unread);
        }
    }
    Ok(())
}

async fn infrastructure_content(
    aws: &Aws,
    arn: String,
) -> Result<Option<Content<Infrastructure>>, CallError> {
    const OPERATION: &str = "imagebuilder:GetInfrastructureConfiguration";
    let call = aws
        .imagebuilder
        .get_infrastructure_configuration()
        .infrastructure_configuration_arn(arn);
    let answer = shapes::found(
        call.send()
            .await
            .map_err(|error| CallError::new(OPERATION, error)),
    )?;
    Ok(answer
        .and_then(|answer| answer.infrastructure_configuration)
        .as_ref()
        .map(infrastructure))
}

async fn distribution_content(
    aws: &Aws,
    arn: String,
) -> Result<Option<Content<Distribution>>, CallError> {
    const OPERATION: &str = "imagebuilder:GetDistributionConfiguration";
    let call = aws
        .imagebuilder
        .get_distribution_configuration()
        .distribution_configuration_arn(arn);
    let answer = shapes::found(
        call.send()
            .await
            .map_err(|error| CallError::new(OPERATION, error)),
    )?;
    Ok(answer
        .and_then(|answer| answer.distribution_configuration)
        .as_ref()
        .map(distribution))
}

fn infrastructure(configuration: &ib::InfrastructureConfiguration) -> Content<Infrastructure> {
    let logs = configuration
        .logging()
        .and_then(ib::Logging::s3_logs)
        .map(|logs| LogLocation {
            bucket: logs.s3_bucket_name().unwrap_or_default().to_owned(),
            prefix: logs.s3_key_prefix().unwrap_or_default().to_owned(),
        });
    let known = Infrastructure {
        name: configuration.name().unwrap_or_default().to_owned(),
        instance_types: configuration.instance_types().to_vec(),
        instance_profile: configuration
            .instance_profile_name()
            .unwrap_or_default()
            .to_owned(),
        key_pair: text(configuration.key_pair()),
        subnet: text(configuration.subnet_id()),
        security_groups: configuration.security_group_ids().to_vec(),
        metadata: metadata(configuration.instance_metadata_options()),
        logs,
        terminate_on_failure: configuration
            .terminate_instance_on_failure()
            .unwrap_or(true),
        resource_tags: shapes::tags(configuration.resource_tags()),
    };
    let topic = text(configuration.sns_topic_arn()).map(|topic| ("SNS topic".to_owned(), topic));
    let placement = configuration.placement().map(|placement| {
        let parts = [
            placement.availability_zone(),
            placement.tenancy().map(ib::TenancyType::as_str),
            placement.host_id(),
            placement.host_resource_group_arn(),
        ];
        (
            "placement".to_owned(),
            parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        )
    });
    Content {
        known,
        others: topic
            .into_iter()
            .chain(placement)
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}

/// Without options the service takes either version, with EC2's own hop limit of 1 (API reference,
/// `InstanceMetadataOptions`).
fn metadata(options: Option<&ib::InstanceMetadataOptions>) -> MetadataOptions {
    let limit = options.and_then(ib::InstanceMetadataOptions::http_put_response_hop_limit);
    MetadataOptions {
        tokens_required: options.and_then(|options| options.http_tokens()) == Some("required"),
        hop_limit: limit
            .and_then(|limit| u32::try_from(limit).ok())
            .unwrap_or(1),
    }
}

fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}
