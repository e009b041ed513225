//! Infrastructure configurations: an environment has one.

use super::pipelines::Pipeline;
use super::resources::{Resource, items};
use crate::draft::{Draft, Network, agree, tags};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;
use crate::valid;

pub(super) fn read(
    resources: &[Resource],
    pipelines: &[Pipeline],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let kind = "aws_imagebuilder_infrastructure_configuration";
    for resource in resources.iter().filter(|resource| resource.kind == kind) {
        let arn = resource.text("arn");
        let is_used = pipelines.is_empty() || pipelines.iter().any(|one| one.infrastructure == arn);
        if is_used {
            one(resource, draft, ledger);
        } else {
            let why = "no pipeline uses it";
            ledger.left(
                LeftKind::Unneeded,
                &resource.place,
                &resource.text("name"),
                why,
            );
        }
    }
}

fn one(resource: &Resource, draft: &mut Draft, ledger: &mut Ledger) {
    let mut fields = Fields::new(&resource.values, &resource.place);
    network(&mut fields, draft, ledger);
    let shared = &mut draft.shared;
    let types = fields.all_valid("instance_types", &valid::INSTANCE_TYPE, ledger);
    let types = (!types.is_empty()).then_some(types);
    let place = fields.place("instance_types");
    agree(
        &mut shared.instance_types,
        types,
        &place,
        |all| all.join(", "),
        ledger,
    );
    let profile = fields.valid("instance_profile_name", &valid::INSTANCE_PROFILE, ledger);
    let place = fields.place("instance_profile_name");
    agree(&mut shared.profile, profile, &place, Clone::clone, ledger);
    let pair = fields.valid("key_pair", &valid::KEY_PAIR, ledger);
    let place = fields.place("key_pair");
    agree(&mut shared.key_pair, pair, &place, Clone::clone, ledger);
    let ends = fields.flag("terminate_instance_on_failure", ledger);
    if ends == Some(false) {
        shared.keep_on_failure = Some(true);
    }
    metadata(&mut fields, draft, ledger);
    logs(&mut fields, draft, ledger);
    tags::read(&mut fields, "resource_tags", &mut draft.tags, ledger);
    tags::read(&mut fields, "tags", &mut draft.tags, ledger);
    fields.unsupported(
        &["sns_topic_arn"],
        "the stack has a topic of its own",
        "subscribe to the stack's topic, or give yours as existing_topic_arn of the module",
        ledger,
    );
    for key in [
        "arn",
        "id",
        "date_created",
        "date_updated",
        "name",
        "description",
        "tags_all",
        "region",
    ] {
        fields.take(key);
    }
    fields.finish(ledger);
}

fn network(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let subnet = fields.valid("subnet_id", &valid::SUBNET, ledger);
    let groups = fields.all_valid("security_group_ids", &valid::SECURITY_GROUP, ledger);
    let has_any = subnet.is_some() || !groups.is_empty();
    let network = has_any.then_some(Network { subnet, groups });
    let show = |network: &Network| {
        let all = network.subnet.iter().chain(&network.groups);
        all.cloned().collect::<Vec<_>>().join(" with ")
    };
    let place = fields.place("subnet_id");
    agree(&mut draft.shared.network, network, &place, show, ledger);
}

fn metadata(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let place = fields.place("instance_metadata_options");
    for options in items(fields.take("instance_metadata_options")) {
        let mut options = Fields::new(&options, &place);
        let tokens = options.text("http_tokens", ledger);
        let tokens = tokens.filter(|word| ["required", "optional"].contains(&word.as_str()));
        agree(
            &mut draft.shared.tokens,
            tokens,
            &place,
            Clone::clone,
            ledger,
        );
        let hops = options.number("http_put_response_hop_limit", ledger);
        let hops = hops.filter(|hops| (1..=64).contains(hops));
        agree(
            &mut draft.shared.hop_limit,
            hops,
            &place,
            ToString::to_string,
            ledger,
        );
        options.finish(ledger);
    }
}

fn logs(fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
    let place = fields.place("logging");
    for logging in items(fields.take("logging")) {
        for logs in items(logging.get("s3_logs")) {
            let mut logs = Fields::new(&logs, &place);
            let bucket = logs.valid("s3_bucket_name", &valid::BUCKET, ledger);
            let prefix = logs.text("s3_key_prefix", ledger).unwrap_or_default();
            let prefix = prefix.trim_start_matches('/').to_owned();
            let log_bucket = bucket.map(|bucket| (bucket, prefix));
            let show = |(bucket, prefix): &(String, String)| format!("{bucket}/{prefix}");
            agree(
                &mut draft.shared.log_bucket,
                log_bucket,
                &place,
                show,
                ledger,
            );
        }
    }
}
