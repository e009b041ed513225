//! Observes what exists. Everything is listed, nothing is got one by one: a no-change run of 50
//! versions costs as many calls as a run of one.

mod access;
mod amis;
mod catalog;
mod contents;
mod deployment;
mod distribution;
mod facts;
mod publications;
mod rebuilds;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types::ImageSummary;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::licence::Licence;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{
    BaseAmi, Configuration, Depth, Facts, Image, Observed, Pipeline, Rule,
};
use goldsmith_domain::plan::{Publisher, Requirements, View, further_keys, plan, requirements};
use goldsmith_domain::resources::{Distribution, Infrastructure};
use jiff::Timestamp;

use crate::fault::CallError;
use crate::{Aws, bucket_policy, documents, imagebuilder as shapes, key_policy, quarantine};

/// The largest page that Image Builder gives (API reference, `maxResults`).
const PAGE: i32 = 100;

/// What exists, as far as a plan for `desired` needs it, looked at as closely as `depth` says.
///
/// Guarantee: reads only. The catalog is only read when some pipeline does not carry the digest that
/// the documents want, a configuration only where its digest is not the wanted one, and facts only when
/// something has to be made; `Depth::Content` reads all of them. Our AMIs with their launch permissions are
/// only read when a consumer joins or leaves, and by `Depth::Content`, as what consumers read is. Their licences are only read if
/// a copy is missing and no tag has the licence, grants only on keys that a consumer leaves, and other accounts
/// only while they have something to build again.
pub async fn observe(aws: &Aws, desired: &Desired, depth: Depth) -> Result<Observed, CallError> {
    let mut observed = lists(aws, desired).await?;
    Box::pin(contents::read(aws, desired, &mut observed, depth)).await?;
    Box::pin(catalog::read(aws, desired, &mut observed, depth)).await?;
    let facts = required(aws, desired, &observed, depth).facts;
    observed.facts = Box::pin(facts::read(aws, &facts)).await?;
    Box::pin(delivery(aws, desired, &mut observed, depth)).await?;
    let published = required(aws, desired, &observed, depth).publications;
    observed.damages = Box::pin(publications::read(aws, &published)).await?;
    if depth == Depth::Content {
        observed.deployment = Box::pin(deployment::read(aws)).await?;
    }
    Ok(observed)
}

/// The same for documents of which those in `present`, by key, are there: a workload accounts document
/// that was deleted is looked for as well, if the plan may take access away.
///
/// Everybody whose plan is reviewed or carried out observes this way, so that both are the same.
pub async fn observe_beside(
    aws: &Aws,
    desired: &Desired,
    present: &BTreeSet<String>,
    depth: Depth,
) -> Result<Observed, CallError> {
    let mut observed = Box::pin(observe(aws, desired, depth)).await?;
    let view = View::new(desired, &observed, &aws.stack);
    if plan(view, Publisher::Reconcile).may_take_access() {
        observed.deleted_documents = documents::deleted(aws, desired, present).await?;
    }
    Ok(observed)
}

/// What has to be read, by what was read so far.
fn required(aws: &Aws, desired: &Desired, observed: &Observed, depth: Depth) -> Requirements {
    requirements(View::new(desired, observed, &aws.stack), depth)
}

/// What every run reads.
async fn lists(aws: &Aws, desired: &Desired) -> Result<Observed, CallError> {
    let further = further_keys(desired, &aws.stack);
    let (
        (pipelines, images, infrastructure, distributions),
        (key_policy, further_key_policies, bucket_policy, rule),
    ) = tokio::try_join!(
        async {
            tokio::try_join!(
                pipelines(aws),
                images(aws),
                infrastructure(aws),
                distributions(aws)
            )
        },
        async {
            let further = access::further_key_policies(aws, &further);
            tokio::try_join!(
                key_policy::read(aws, &aws.stack.key),
                further,
                bucket_policy::read(aws),
                rule(aws)
            )
        }
    )?;
    Ok(Observed {
        time: Timestamp::now(),
        pipelines,
        images,
        key_policy,
        further_key_policies,
        bucket_policy,
        rule,
        infrastructure,
        distributions,
        catalog: None,
        facts: Facts::default(),
        amis: None,
        licences: BTreeMap::new(),
        rebuilds: BTreeMap::new(),
        built: BTreeMap::new(),
        grants: BTreeMap::new(),
        quarantined: BTreeMap::new(),
        damages: BTreeMap::new(),
        deployment: Vec::new(),
        deleted_documents: BTreeSet::new(),
    })
}

/// Reads what is only needed when a consumer joins or leaves, and in search of drift.
async fn delivery(
    aws: &Aws,
    desired: &Desired,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let access = required(aws, desired, observed, depth).access;
    if let Some(regions) = &access.regions {
        let (amis, calls) = amis::read(aws, regions).await?;
        if access.regions_only_for_drift {
            aws.count_drift_calls(calls);
        }
        observed.amis = Some(amis);
    }
    observed.grants = self::access::grants(aws, &access.keys_left).await?;
    if access.quarantine {
        observed.quarantined = quarantine::read(aws).await?.accounts;
    }
    // Asked again: whose copies are missing depends on who is in quarantine.
    let asked = required(aws, desired, observed, depth).licences;
    let seen = aws.ec2.base_amis(&asked).await?;
    let of = |ami: &AmiId| {
        seen.get(ami)
            .map_or_else(Licence::unknown, BaseAmi::licence)
    };
    observed.licences = asked.iter().map(|ami| (ami.clone(), of(ami))).collect();
    Box::pin(rebuilds::read(aws, desired, observed, depth)).await
}

/// All items of a paginated list, as ours.
macro_rules! list {
    ($aws:expr, $operation:ident $name:literal, $items:ident, $convert:expr) => {{
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let call = $aws
                .imagebuilder
                .$operation()
                .max_results(PAGE)
                .set_next_token(token);
            let page = call
                .send()
                .await
                .map_err(|error| CallError::new($name, error))?;
            all.extend(page.$items().iter().filter_map($convert));
            token = page.next_token;
            if token.is_none() {
                break Ok(all);
            }
        }
    }};
}
use list;

/// Every pipeline of the account and Region.
pub async fn pipelines(aws: &Aws) -> Result<Vec<Pipeline>, CallError> {
    list!(aws, list_image_pipelines "imagebuilder:ListImagePipelines", image_pipeline_list, shapes::pipeline)
}

/// Every image build of the account and Region: without an image version ARN,
/// `ListImageBuildVersions` lists those of all images (API reference).
pub async fn images(aws: &Aws) -> Result<Vec<Image>, CallError> {
    let image = |summary: &ImageSummary| shapes::image_summary(summary, &aws.stack.account);
    list!(aws, list_image_build_versions "imagebuilder:ListImageBuildVersions", image_summary_list, image)
}

async fn infrastructure(aws: &Aws) -> Result<Vec<Configuration<Infrastructure>>, CallError> {
    list!(aws, list_infrastructure_configurations "imagebuilder:ListInfrastructureConfigurations",
        infrastructure_configuration_summary_list, shapes::infrastructure)
}

async fn distributions(aws: &Aws) -> Result<Vec<Configuration<Distribution>>, CallError> {
    list!(aws, list_distribution_configurations "imagebuilder:ListDistributionConfigurations",
        distribution_configuration_summary_list, shapes::distribution)
}

async fn rule(aws: &Aws) -> Result<Rule, CallError> {
    let answer = aws
        .events
        .describe_rule()
        .name(&aws.resources.build_rule)
        .send()
        .await;
    let rule = answer.map_err(|error| CallError::new("events:DescribeRule", error))?;
    Ok(Rule {
        name: aws.resources.build_rule.clone(),
        schedule: rule.schedule_expression,
        event_pattern: rule.event_pattern,
        description: rule.description,
        state: rule.state.map(|state| state.as_str().to_owned()),
        role_arn: rule.role_arn,
    })
}
