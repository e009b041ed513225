//! CreateTags, DeleteTags and DescribeTags, on AMIs, snapshots, instances and usage reports.

use std::borrow::Cow;

use crate::{
    api::ec2::request::Ec2Request,
    common::{
        caller::Caller,
        ec2_error::{client_error, unknown_image, unknown_instance, unknown_snapshot},
        error::ApiError,
        tags::Tags,
        text::Text,
    },
    state::ec2::Ec2,
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

/// The most tags of a resource (API reference, CreateTags).
const MOST_TAGS: usize = 50;

/// The smallest page (API reference, DescribeTags).
const SMALLEST_PAGE: u32 = 5;

/// CreateTags.
pub(crate) fn create_tags(request: &mut Ec2Request<'_>) -> Answer {
    let tags = pairs(&request.query.items("Tag"))?;
    if tags.is_empty() {
        request.query.required("Tag")?;
    }
    for id in resources(request)? {
        let existing = tags_of(request.ec2, request.caller, &id)?;
        let new = tags
            .iter()
            .filter(|(key, _)| !existing.contains_key(key))
            .count();
        if existing.len() + new > MOST_TAGS {
            let message = "The maximum number of Tags for a resource has been reached.";
            return Err(client_error("TagLimitExceeded", message));
        }
    }
    change(request, |existing| existing.extend(tags.clone()))
}

/// DeleteTags: a tag with a value is only deleted if the value is the same. A request without tags
/// deletes all tags but those of AWS.
pub(crate) fn delete_tags(request: &mut Ec2Request<'_>) -> Answer {
    let wanted = request.query.items("Tag");
    let named = |key: &str, value: &str| {
        let hit = |tag: &Query| {
            tag.text("Key") == Some(key) && tag.text("Value").is_none_or(|wanted| wanted == value)
        };
        if wanted.is_empty() {
            !key.starts_with("aws:")
        } else {
            wanted.iter().any(hit)
        }
    };
    change(request, |existing| {
        existing.retain(|key, value| !named(key, value));
    })
}

/// The tags of `Tag.n.Key` and `Tag.n.Value`.
fn pairs(items: &[Query]) -> Result<Vec<(Text, Text)>, ApiError> {
    let pair = |item: &Query| {
        let key = item.required("Key")?;
        if key.starts_with("aws:") {
            let message = "Tag keys starting with 'aws:' are reserved for internal use";
            return Err(client_error("InvalidParameterValue", message));
        }
        Ok((key.into(), item.text("Value").unwrap_or_default().into()))
    };
    items.iter().map(pair).collect()
}

/// The tags of `TagSpecification.n` for a resource type; only the allowed types may come at all.
pub(crate) fn specified(
    query: &Query,
    kind: &str,
    allowed: &[&str],
) -> Result<Vec<(Text, Text)>, ApiError> {
    let specifications = query.items("TagSpecification");
    for specification in &specifications {
        let other = specification.required("ResourceType")?;
        if !allowed.contains(&other) {
            let message =
                format!("'{other}' is not a valid taggable resource type for this operation.");
            return Err(client_error("InvalidParameterValue", message));
        }
    }
    let of_kind = specifications
        .into_iter()
        .filter(|item| item.text("ResourceType") == Some(kind));
    pairs(
        &of_kind
            .flat_map(|item| item.items("Tag"))
            .collect::<Vec<_>>(),
    )
}

fn resources(request: &Ec2Request<'_>) -> Result<Vec<String>, ApiError> {
    let ids = request.query.list("ResourceId");
    if ids.is_empty() {
        request.query.required("ResourceId")?;
    }
    Ok(ids)
}

/// Changes the tags of all resources, or of none if one of them is not there.
fn change(request: &mut Ec2Request<'_>, apply: impl Fn(&mut Tags)) -> Answer {
    let ids = resources(request)?;
    for id in &ids {
        tags_of(request.ec2, request.caller, id)?;
    }
    for id in &ids {
        apply(tags_of(request.ec2, request.caller, id)?);
    }
    Ok(ec2_answer::done())
}

fn tags_of<'e>(ec2: &'e mut Ec2, caller: &Caller, id: &str) -> Result<&'e mut Tags, ApiError> {
    let Caller { account, region } = caller;
    let all = match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("ami") => {
            ec2.visible(id, region, account)
                .ok_or_else(|| unknown_image(id))?;
            &mut ec2.ami_mut(id)?.tags
        }
        Some("snap") => {
            let snapshot = ec2
                .snapshots
                .get_mut(id)
                .filter(|snapshot| snapshot.region == *region);
            let readable = snapshot.filter(|snapshot| snapshot.is_readable_by(account));
            &mut readable.ok_or_else(|| unknown_snapshot(id))?.tags
        }
        Some("i") => {
            let instance = ec2
                .instances
                .get_mut(id)
                .filter(|one| one.region == region.as_str());
            let own = instance.filter(|one| one.account == account.as_str());
            return own
                .map(|one| &mut one.tags)
                .ok_or_else(|| unknown_instance(id));
        }
        _ => {
            let report = ec2
                .reports
                .get_mut(id)
                .filter(|report| report.region == *region);
            let own = report.filter(|report| report.account == *account);
            &mut own
                .ok_or_else(|| client_error("InvalidID", format!("The ID '{id}' is not valid")))?
                .tags
        }
    };
    Ok(all.entry(account.as_str().into()).or_default())
}

struct Tagged<'a> {
    id: &'a str,
    kind: &'static str,
    key: &'a str,
    value: &'a str,
}

impl Tagged<'_> {
    fn view(&self) -> Xml {
        Xml::new("item")
            .text("resourceId", self.id)
            .text("resourceType", self.kind)
            .text("key", self.key)
            .text("value", self.value)
    }
}

impl Filterable for Tagged<'_> {
    const NAMES: &'static [&'static str] = &["key", "resource-id", "resource-type", "value"];
    const TAGGED: bool = true;

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        let text = match name {
            "resource-id" => self.id,
            "resource-type" => self.kind,
            "key" => self.key,
            _ => self.value,
        };
        vec![Cow::from(text)]
    }

    fn tags(&self, _account: &str) -> Vec<(&str, &str)> {
        vec![(self.key, self.value)]
    }
}

/// DescribeTags.
pub(crate) fn describe_tags(request: &mut Ec2Request<'_>) -> Answer {
    let Caller { account, region } = request.caller;
    let filters = Filters::of::<Tagged<'_>>(&request.query)?;
    let ec2 = &request.ec2;
    let amis = ec2.amis.values().filter(|ami| ami.region == *region);
    let snapshots = ec2
        .snapshots
        .values()
        .filter(|snapshot| snapshot.region == *region);
    let reports = ec2
        .reports
        .values()
        .filter(|report| report.region == *region);
    let amis = amis.map(|ami| (ami.id.as_str(), "image", ami.tags.get(account.as_str())));
    let snapshots =
        snapshots.map(|one| (one.id.as_str(), "snapshot", one.tags.get(account.as_str())));
    let instances = ec2.instances.values();
    let instances =
        instances.filter(|one| one.region == region.as_str() && one.account == account.as_str());
    let instances = instances.map(|one| (one.id.as_str(), "instance", Some(&one.tags)));
    let reports = reports.map(|one| {
        (
            one.id.as_str(),
            "image-usage-report",
            one.tags.get(account.as_str()),
        )
    });
    let mut found = Vec::new();
    for (id, kind, tags) in amis.chain(snapshots).chain(instances).chain(reports) {
        let tagged = tags.into_iter().flatten().map(|(key, value)| Tagged {
            id,
            kind,
            key,
            value,
        });
        found.extend(
            tagged
                .filter(|tag| filters.admit(tag, account))
                .map(|tag| tag.view()),
        );
    }
    ec2_answer::limited_page(&request.query, "tagSet", found, SMALLEST_PAGE)
}
