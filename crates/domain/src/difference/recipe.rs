//! What is different between two recipe versions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Difference, Members, between};
use crate::arn::place_of;
use crate::observed::{RecipeContents, RecipeDevice, UsedComponent};
use crate::stack::StackContext;

/// What our own tags' keys start with.
const OWN_TAGS: &str = "goldsmith:";

/// Where a reader of differences is: what is from here has a short name.
pub struct Here<'a> {
    /// The stack.
    pub stack: &'a StackContext,
    /// What the names of our own components start with.
    pub prefix: String,
}

/// What differs between two recipe versions; all of `after` if there is none before.
///
/// A change of the owner of a component is a change of the component. So short names are only for
/// components of ours and Amazon's in this Region, and only where a name means one component.
pub fn of_recipe(
    before: Option<&RecipeContents>,
    after: &RecipeContents,
    here: &Here<'_>,
) -> Vec<Difference> {
    let both = before.into_iter().chain([after]);
    let names = Names::of(both.flat_map(|contents| &contents.components), here);
    let Some(before) = before else {
        let mut all = members(after, &names);
        // Our own tags say whose the AMI is and which recipe's, and it was never called anything else.
        all.retain(|(what, _)| *what != "name" && !what.starts_with(&tag(OWN_TAGS)));
        return strangers_first(between(&Members::new(), &all));
    };
    let mut differences = between(&members(before, &names), &members(after, &names));
    differences.extend(order(before, after, &names));
    strangers_first(differences)
}

/// What others own comes first: a comment shows ten differences of a recipe, and who wants to hide one
/// can make ten more.
fn strangers_first(mut differences: Vec<Difference>) -> Vec<Difference> {
    differences.sort_by_key(|difference| !difference.what.starts_with("component arn:"));
    differences
}

fn members(contents: &RecipeContents, names: &Names<'_>) -> Members {
    let mut members = vec![
        ("name".to_owned(), contents.name.clone()),
        ("base image".to_owned(), contents.parent.clone()),
    ];
    for used in &contents.components {
        let name = format!("component {}", names.name(used));
        members.push((name, names.value(used)));
    }
    let volumes = contents.devices.iter();
    members.extend(volumes.map(|device| (format!("volume {}", device.name), volume(device))));
    let keys: BTreeSet<&str> = contents
        .devices
        .iter()
        .filter_map(|device| device.key.as_deref())
        .collect();
    let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
    members.push(("key of the volumes".to_owned(), keys));
    let tags = contents.ami_tags.iter();
    members.extend(tags.map(|(key, value)| (tag(key), value.clone())));
    members.extend(contents.others.clone());
    members
}

fn tag(key: &str) -> String {
    format!("AMI tag {key}")
}

/// The order, if the components that both have come in another one.
fn order(before: &RecipeContents, after: &RecipeContents, names: &Names<'_>) -> Option<Difference> {
    let all = |contents: &RecipeContents| -> Vec<String> {
        let used = contents.components.iter();
        used.map(|used| names.name(used)).collect()
    };
    let (before, after) = (all(before), all(after));
    let common = |of: &[String], other: &[String]| -> Vec<String> {
        let of = of.iter().filter(|name| other.contains(name));
        of.cloned().collect()
    };
    (common(&before, &after) != common(&after, &before)).then(|| Difference {
        what: "order of components".to_owned(),
        from: Some(before.join(", ")),
        to: Some(after.join(", ")),
    })
}

/// What components are called, so that no two of them have one name.
struct Names<'a> {
    here: &'a Here<'a>,
    /// The components by their short names.
    series: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Names<'a> {
    fn of(all: impl Iterator<Item = &'a UsedComponent>, here: &'a Here<'a>) -> Self {
        let mut series: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for used in all {
            if let Some(short) = short(used, here) {
                series.entry(short).or_default().insert(series_of(used));
            }
        }
        Self { here, series }
    }

    /// `update-linux` of Amazon's `...:component/update-linux/x.x.x`, and the ARN without its version of
    /// anybody else's.
    fn name(&self, used: &UsedComponent) -> String {
        let short = short(used, self.here);
        let is_one = |name: &&str| self.series.get(name).is_some_and(|all| all.len() == 1);
        short
            .filter(is_one)
            .unwrap_or_else(|| series_of(used))
            .to_owned()
    }

    /// `1.0.0`, or `1.0.0/2` for another build of ours than the first, with the values of parameters.
    fn value(&self, used: &UsedComponent) -> String {
        let version = used.arn.splitn(3, '/').nth(2).unwrap_or_default();
        let first = version
            .strip_suffix("/1")
            .filter(|_| is_ours(used, self.here));
        let version = first.unwrap_or(version);
        let parameters = used
            .parameters
            .iter()
            .map(|(name, value)| format!("{}={}", quoted(name), quoted(value)));
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        if parameters.is_empty() {
            version.to_owned()
        } else {
            format!("{version} with {parameters}")
        }
    }
}

/// Everything up to the version: `arn:aws:imagebuilder:us-east-1:aws:component/update-linux`.
fn series_of(used: &UsedComponent) -> &str {
    let mut slashes = used.arn.match_indices('/').map(|(index, _)| index);
    slashes.nth(1).map_or(&used.arn, |end| &used.arn[..end])
}

/// The name of a component that is from here.
fn short<'u>(used: &'u UsedComponent, here: &Here<'_>) -> Option<&'u str> {
    let place = place_of(&used.arn);
    let is_here = place.partition == here.stack.partition()
        && place.region == here.stack.region.as_str()
        && ["aws", here.stack.account.as_str()].contains(&place.account);
    let name = series_of(used).split('/').nth(1).filter(|_| is_here)?;
    let ours = name.strip_prefix(&here.prefix);
    Some(ours.filter(|_| is_ours(used, here)).unwrap_or(name))
}

fn is_ours(used: &UsedComponent, here: &Here<'_>) -> bool {
    let name = series_of(used).split('/').nth(1).unwrap_or_default();
    place_of(&used.arn).account == here.stack.account.as_str() && name.starts_with(&here.prefix)
}

/// A text as it is, in quotation marks where it would read as more than one.
fn quoted(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_.:/-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into()
    } else {
        format!("{text:?}").into()
    }
}

/// `30 GiB gp3, 3000 IOPS, 125 MiB/s`.
fn volume(device: &RecipeDevice) -> String {
    let size = device.size_gib.map(|size| format!("{size} GiB"));
    let size: Vec<String> = size.into_iter().chain(device.volume_type.clone()).collect();
    let iops = device.iops.map(|iops| format!("{iops} IOPS"));
    let throughput = device
        .throughput
        .map(|throughput| format!("{throughput} MiB/s"));
    let rest = [iops, throughput].into_iter().flatten();
    [size.join(" ")]
        .into_iter()
        .chain(rest)
        .collect::<Vec<_>>()
        .join(", ")
}
