//! Observes what exists. Everything is listed, nothing is got one by one: a no-change run of 50
//! versions costs as many calls as a run of one.

mod access;
mod amis;
mod catalog;
mod contents;
mod deployment;
mod distribution;
mod facts;
mod leftovers;
mod origins;
mod proofs;
mod publications;
mod rebuilds;
mod results;
mod snapshots;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_imagebuilder::types::ImageSummary;
use goldsmith_domain::desired::Desired;
use goldsmith_domain::licence::Licence;
use goldsmith_domain::names::AmiId;
use goldsmith_domain::observed::{
    BaseAmi, Configuration, Depth, Facts, Image, KeptInstance, Observed, Pipeline, Rule, Subject,
};
use goldsmith_domain::plan::{
    Index, Plan, Publisher, Requirements, further_keys, plan, requirements,
};
use goldsmith_domain::resources::{Distribution, Infrastructure, Wanted};
use jiff::Timestamp;
use tracing::info_span;

use self::deployment::Inspected;
use self::unread::{Read, read};
use crate::fault::CallError;
use crate::{Aws, bucket_policy, documents, imagebuilder as shapes, key_policy, quarantine};

/// The largest page that Image Builder gives (API reference, `maxResults`).
const PAGE: i32 = 100;

/// What exists, as far as a plan for `desired` needs it, looked at as closely as `depth` says.
///
/// Guarantee: reads only. An answer that the next run would get again is part of what was observed, and
/// no error: it refuses what needs it, and never keeps access from being taken away.
///
/// The catalog is only read when some pipeline does not carry the digest that the documents want, a
/// configuration only where its digest is not the wanted one, and facts only when something has to be made;
/// `Depth::Content` reads all of them. Our AMIs with their launch permissions are only read when a consumer
/// joins or leaves, and by `Depth::Content`, as grants on the keys, what consumers read, and what the
/// deployment made are. Licences are only read if a copy is missing and no tag has the licence, and other
/// accounts only while they have something to build again.
pub async fn observe(aws: &Aws, desired: &Desired, depth: Depth) -> Result<Observed, CallError> {
    let lists = lists(aws).await?;
    look(aws, &Wanted::new(desired, &aws.stack), lists, depth).await
}

async fn look(
    aws: &Aws,
    wanted: &Wanted<'_>,
    lists: Lists,
    depth: Depth,
) -> Result<Observed, CallError> {
    let mut observed = listed(aws, wanted.desired, lists).await?;
    let required = required(wanted, &observed, depth);
    // What is required follows from what was read: if the lists ask for nothing, nothing else will.
    if required == Requirements::default() && !depth.is_close() {
        return Ok(observed);
    }
    let (further, deployed, kept) = tokio::join!(
        Box::pin(further(aws, wanted, &mut observed, depth)),
        Box::pin(deployed(aws, wanted, &required, depth)),
        Box::pin(kept_instances(aws, &required)),
    );
    further?;
    observed.kept_instances = kept?.into(&mut observed.unreadable);
    if let Some(inspected) = deployed {
        observed.deployment = inspected.faults;
        observed.rule.has_target = (!inspected.build_rule_has_target).then_some(false);
    }
    Ok(observed)
}

/// What a hand did to what the deployment made, and to snapshots; nothing unless a run looks closely.
async fn deployed(
    aws: &Aws,
    wanted: &Wanted<'_>,
    required: &Requirements,
    depth: Depth,
) -> Option<Inspected> {
    if !depth.is_close() {
        return None;
    }
    let (mut inspected, shared) = tokio::join!(
        deployment::read(aws),
        snapshots::read(aws, wanted.desired, &required.snapshots)
    );
    inspected.faults.extend(shared);
    Some(inspected)
}

async fn kept_instances(
    aws: &Aws,
    required: &Requirements,
) -> Result<Read<Vec<KeptInstance>>, CallError> {
    if !required.kept_instances {
        return Ok(Read::default());
    }
    let ec2 = aws.ec2_in(&aws.stack.region);
    let found = ec2.instances_of_image_builder().await;
    read(Subject::Instances, found)
}

/// Reads what the lists ask for.
async fn further(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    Box::pin(contents::read(aws, wanted, observed, depth)).await?;
    Box::pin(results::read(aws, wanted, observed, depth)).await?;
    Box::pin(origins::read(aws, wanted, observed, depth)).await?;
    Box::pin(leftovers::read(aws, wanted, observed, depth)).await?;
    Box::pin(catalog::read(aws, wanted, observed, depth)).await?;
    let facts = required(wanted, observed, depth).facts;
    let facts = Box::pin(facts::read(aws, &facts)).await?;
    observed.facts = facts.into(&mut observed.unreadable);
    Box::pin(delivery(aws, wanted, observed, depth)).await?;
    let published = required(wanted, observed, depth).publications;
    observed.damages = Box::pin(publications::read(aws, &published)).await?;
    Ok(())
}

/// What exists, and the plan, for documents of which those in `present`, by key, are there: a workload
/// accounts document that was deleted is looked for as well, if the plan may take access away.
///
/// Everybody whose plan is reviewed or carried out observes this way, so that both are the same.
pub async fn look_and_plan(
    aws: &Aws,
    wanted: &Wanted<'_>,
    lists: Lists,
    present: &BTreeSet<String>,
    depth: Depth,
    publisher: Publisher,
) -> Result<(Observed, Plan), CallError> {
    let mut observed = Box::pin(look(aws, wanted, lists, depth)).await?;
    let mut planned = planned(wanted, &observed, publisher);
    if !planned.to_prove.is_empty() {
        // Only the plan knows which images have all their copies, and nothing else against them.
        let found = proofs::read(aws, wanted.desired, &planned.to_prove);
        observed.proofs = Box::pin(found).await;
        planned = self::planned(wanted, &observed, publisher);
    }
    if !planned.may_take_access() {
        return Ok((observed, planned));
    }
    observed.deleted_documents = documents::deleted(aws, wanted.desired, present).await?;
    let planned = self::planned(wanted, &observed, publisher);
    Ok((observed, planned))
}

fn planned(wanted: &Wanted<'_>, observed: &Observed, publisher: Publisher) -> Plan {
    info_span!("plan").in_scope(|| plan(Index::new(wanted, observed).view(), publisher))
}

/// What has to be read, by what was read so far.
fn required(wanted: &Wanted<'_>, observed: &Observed, depth: Depth) -> Requirements {
    requirements(Index::new(wanted, observed).view(), depth)
}

/// What every run reads, whatever the documents say.
#[derive(Debug)]
pub struct Lists {
    pipelines: Read<Vec<Pipeline>>,
    images: Read<Vec<Image>>,
    infrastructure: Read<Vec<Configuration<Infrastructure>>>,
    distributions: Read<Vec<Configuration<Distribution>>>,
    key_policy: Read<String>,
    bucket_policy: Read<String>,
    rule: Read<Rule>,
}

impl Lists {
    /// Every pipeline of the account and Region, as far as they could be read.
    pub fn pipelines(&self) -> &[Pipeline] {
        &self.pipelines.value
    }
}

/// Reads what every run reads. What cannot be read for good is left out, so that access is taken away
/// nevertheless.
pub async fn lists(aws: &Aws) -> Result<Lists, CallError> {
    let key = Subject::KeyPolicy(aws.stack.key.clone());
    let lists = async {
        tokio::try_join!(
            async { read(Subject::Pipelines, pipelines(aws).await) },
            async { read(Subject::Images, images(aws).await) },
            async {
                let all = infrastructure(aws).await;
                read(Subject::InfrastructureConfigurations, all)
            },
            async {
                let all = distributions(aws).await;
                read(Subject::DistributionConfigurations, all)
            }
        )
    };
    let policies = async {
        tokio::try_join!(
            async { read(key, key_policy::read(aws, &aws.stack.key).await) },
            async { read(Subject::BucketPolicy, bucket_policy::read(aws).await) },
            async { read(Subject::Rule, rule(aws).await) }
        )
    };
    let (lists, policies) = tokio::try_join!(lists, policies)?;
    let (pipelines, images, infrastructure, distributions) = lists;
    let (key_policy, bucket_policy, rule) = policies;
    Ok(Lists {
        pipelines,
        images,
        infrastructure,
        distributions,
        key_policy,
        bucket_policy,
        rule,
    })
}

/// What was listed, and what the documents name beside it.
async fn listed(aws: &Aws, desired: &Desired, lists: Lists) -> Result<Observed, CallError> {
    let further = further_keys(desired, &aws.stack);
    let further = access::further_key_policies(aws, &further).await?;
    let mut unreadable = Vec::new();
    let all = &mut unreadable;
    Ok(Observed {
        pipelines: lists.pipelines.into(all),
        images: lists.images.into(all),
        infrastructure: lists.infrastructure.into(all),
        distributions: lists.distributions.into(all),
        key_policy: lists.key_policy.into(all),
        further_key_policies: further.into(all),
        bucket_policy: lists.bucket_policy.into(all),
        rule: lists.rule.into(all),
        unreadable,
        ..nothing()
    })
}

/// An observation before anything was read.
fn nothing() -> Observed {
    Observed {
        time: Timestamp::now(),
        pipelines: Vec::new(),
        images: Vec::new(),
        origins: BTreeMap::new(),
        objections: BTreeMap::new(),
        proofs: BTreeMap::new(),
        leftovers: BTreeMap::new(),
        kept_instances: Vec::new(),
        key_policy: String::new(),
        further_key_policies: BTreeMap::new(),
        bucket_policy: String::new(),
        rule: Rule::default(),
        infrastructure: Vec::new(),
        distributions: Vec::new(),
        catalog: None,
        facts: Facts::default(),
        amis: None,
        amis_out_of_turn: BTreeSet::new(),
        licences: BTreeMap::new(),
        rebuilds: BTreeMap::new(),
        built: BTreeMap::new(),
        grants: BTreeMap::new(),
        quarantined: BTreeMap::new(),
        damages: BTreeMap::new(),
        deployment: Vec::new(),
        deleted_documents: BTreeSet::new(),
        unreadable: Vec::new(),
    }
}

/// Reads what is only needed when a consumer joins or leaves, and in search of drift.
async fn delivery(
    aws: &Aws,
    wanted: &Wanted<'_>,
    observed: &mut Observed,
    depth: Depth,
) -> Result<(), CallError> {
    let access = required(wanted, observed, depth).access;
    if let Some(regions) = &access.regions {
        let amis = amis::read(aws, regions, access.slice.as_ref()).await?;
        if access.regions_only_for_drift {
            aws.count_drift_calls(amis.calls);
        }
        observed.amis = Some(amis.looked_at.into(&mut observed.unreadable));
        observed.amis_out_of_turn = amis.out_of_turn;
    }
    aws.count_drift_calls(access.keys_only_for_drift);
    let grants = self::access::grants(aws, &access.keys_left).await?;
    observed.grants = grants.into(&mut observed.unreadable);
    if access.quarantine {
        let quarantine = read(Subject::Quarantine, quarantine::read(aws).await)?;
        observed.quarantined = quarantine.into(&mut observed.unreadable).accounts;
    }
    // Asked again: whose copies are missing depends on who is in quarantine.
    let asked = required(wanted, observed, depth).licences;
    let seen = catalog::base_amis(aws, &asked).await?;
    let seen = seen.into(&mut observed.unreadable);
    let of = |ami: &AmiId| {
        seen.get(ami)
            .map_or_else(Licence::unknown, BaseAmi::licence)
    };
    observed.licences = asked.iter().map(|ami| (ami.clone(), of(ami))).collect();
    Box::pin(rebuilds::read(aws, wanted, observed, depth)).await
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

pub(crate) async fn rule(aws: &Aws) -> Result<Rule, CallError> {
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
        has_target: None,
    })
}
