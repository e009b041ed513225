//! CreateTags, DeleteTags and DescribeTags on AMIs and snapshots.

use std::borrow::Cow;

use super::{
    Ec2,
    answer::{self, Answer},
    filter::Filterable,
    query::{Ec2Request, Query},
    refused,
    xml::Xml,
};
use crate::{caller::Caller, refusal::Refusal, state::Tags};

/// CreateTags.
pub(crate) fn create_tags(request: &mut Ec2Request<'_>) -> Answer {
    let tags = pairs(&request.query.items("Tag"))?;
    change(request, |existing| existing.extend(tags.clone()))
}

/// DeleteTags: a tag with a value goes only if the value is that one; no tags at all means all.
pub(crate) fn delete_tags(request: &mut Ec2Request<'_>) -> Answer {
    let wanted = request.query.items("Tag");
    let named = |key: &str, value: &str| {
        let hit = |tag: &Query| {
            tag.text("Key") == Some(key) && tag.text("Value").is_none_or(|wanted| wanted == value)
        };
        wanted.is_empty() || wanted.iter().any(hit)
    };
    change(request, |existing| existing.retain(|key, value| !named(key, value)))
}

/// The tags of `Tag.n.Key` and `Tag.n.Value`.
pub(crate) fn pairs(items: &[Query]) -> Result<Vec<(String, String)>, Refusal> {
    let pair = |item: &Query| {
        let key = item.required("Key")?;
        if key.starts_with("aws:") {
            let message = "Tag keys starting with 'aws:' are reserved for internal use";
            return Err(refused("InvalidParameterValue", message));
        }
        Ok((key.to_owned(), item.text("Value").unwrap_or_default().to_owned()))
    };
    items.iter().map(pair).collect()
}

/// The tags of `TagSpecification.n` for a resource type, `image` or `snapshot`.
pub(crate) fn specified(query: &Query, kind: &str) -> Result<Vec<(String, String)>, Refusal> {
    let specifications = query.items("TagSpecification").into_iter();
    let of_kind = specifications.filter(|item| item.text("ResourceType") == Some(kind));
    pairs(&of_kind.flat_map(|item| item.items("Tag")).collect::<Vec<_>>())
}

fn change(request: &mut Ec2Request<'_>, apply: impl Fn(&mut Tags)) -> Answer {
    let ids = request.query.list("ResourceId");
    for id in &ids {
        tags_of(request.ec2, request.caller, id)?;
    }
    for id in &ids {
        apply(tags_of(request.ec2, request.caller, id)?);
    }
    Ok(answer::done())
}

fn tags_of<'e>(ec2: &'e mut Ec2, caller: &Caller, id: &str) -> Result<&'e mut Tags, Refusal> {
    let missing = || refused("InvalidID", format!("The ID '{id}' is not valid"));
    if id.starts_with("ami-") {
        ec2.visible(id, &caller.region, &caller.account).ok_or_else(|| super::describe::unknown_image(id))?;
        let ami = ec2.amis.get_mut(id).ok_or_else(missing)?;
        return Ok(ami.tags.entry(caller.account.clone()).or_default());
    }
    let snapshot = ec2.snapshots.get_mut(id).filter(|snapshot| snapshot.owner == caller.account);
    let snapshot = snapshot.filter(|snapshot| snapshot.region == caller.region);
    Ok(snapshot.ok_or_else(missing)?.tags.entry(caller.account.clone()).or_default())
}

struct Tagged<'a> {
    id: &'a str,
    kind: &'static str,
    key: &'a str,
    value: &'a str,
}

impl Filterable for Tagged<'_> {
    fn field(&self, name: &str, _account: &str) -> Option<Vec<Cow<'_, str>>> {
        let text = match name {
            "resource-id" => self.id,
            "resource-type" => self.kind,
            "key" => self.key,
            "value" => self.value,
            _ => return None,
        };
        Some(vec![Cow::from(text)])
    }

    fn tags(&self, _account: &str) -> Option<&Tags> {
        None
    }
}

/// DescribeTags.
pub(crate) fn describe_tags(request: &mut Ec2Request<'_>) -> Answer {
    let Caller { account, region } = request.caller;
    let amis = request.ec2.amis.values().filter(|ami| ami.region == *region);
    let snapshots = request.ec2.snapshots.values().filter(|snapshot| snapshot.region == *region);
    let amis = amis.map(|ami| (ami.id.as_str(), "image", ami.tags.get(account)));
    let snapshots = snapshots.map(|one| (one.id.as_str(), "snapshot", one.tags.get(account)));
    let filters = request.query.filters();
    let mut found = Vec::new();
    for (id, kind, tags) in amis.chain(snapshots) {
        for (key, value) in tags.into_iter().flatten() {
            if filters.admit(&Tagged { id, kind, key, value }, account)? {
                found.push(tag_item(id, kind, key, value));
            }
        }
    }
    answer::page(&request.query, "tagSet", found)
}

fn tag_item(id: &str, kind: &str, key: &str, value: &str) -> Xml {
    Xml::new("item").text("resourceId", id).text("resourceType", kind).text("key", key).text("value", value)
}
