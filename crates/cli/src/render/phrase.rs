//! Each effect of a plan in words, for a reader who does not know the project.

use goldsmith_domain::names::RecipeName;
use goldsmith_domain::report::Entry;
use goldsmith_domain::review::{
    AccessChange, Action, Difference, Direction, RecipeReview, Review, ScheduleReview,
};
use jiff::tz::TimeZone;

use super::escape::Escaper;
use super::when::when;

/// `1 build`, `2 builds`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`: as many as the escaper allows.
pub fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>, escaper: &impl Escaper) -> String {
    let parts: Vec<String> = names.map(str::to_owned).collect();
    enumerate(
        parts.iter().map(|part| escaper.value(part)).collect(),
        escaper,
    )
}

/// The same for phrases that are escaped already.
fn enumerate(mut parts: Vec<String>, escaper: &impl Escaper) -> String {
    let more = parts.len().saturating_sub(escaper.max_items());
    if more > 0 {
        parts.truncate(escaper.max_items());
        parts.push(format!("{more} more"));
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// What happens to a recipe, and why.
pub fn recipe(review: &RecipeReview, escaper: &impl Escaper) -> String {
    let because = match review.action {
        Action::Create => made_of(&review.because, escaper),
        Action::NewVersion | Action::Repoint | Action::Keep => because(&review.because, escaper),
    };
    let parts = [
        Some(format!("{}{because}", becomes(review, escaper))),
        image(review, escaper),
        dependents(review, escaper),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn becomes(review: &RecipeReview, escaper: &impl Escaper) -> String {
    let name = escaper.value(review.recipename.as_str());
    let version = escaper.value(&review.version);
    let now = review
        .from
        .as_ref()
        .map(|from| format!(" (now {})", escaper.value(from)))
        .unwrap_or_default();
    match review.action {
        Action::Create if review.builds => format!("{name} is new and will be built as {version}"),
        Action::Create => format!("{name} is new and gets version {version}"),
        Action::NewVersion if review.builds => format!("{name} will be rebuilt as {version}{now}"),
        Action::NewVersion => format!("{name} gets version {version}{now}"),
        Action::Repoint => format!("{name} goes to version {version}, which exists already{now}"),
        Action::Keep => format!("{name} stays at version {version}"),
    }
}

/// ` on ami-a, with the component harden 1.0.0 and the volume /dev/xvda 30 GiB gp3`: the content of a new
/// recipe. The key, the tags and the order are the same for every recipe.
fn made_of(differences: &[Difference], escaper: &impl Escaper) -> String {
    let all = |kind: &str| -> Vec<String> {
        let named = differences.iter().filter_map(|difference| {
            let name = difference.what.strip_prefix(kind)?.trim_start();
            Some(escaper.value(format!("{name} {}", difference.to.as_deref()?).trim_start()))
        });
        named.collect()
    };
    let part = |one: &str, many: &str, all: Vec<String>| match all.len() {
        0 => None,
        1 => Some(format!("the {one} {}", all[0])),
        _ => Some(format!("the {many} {}", enumerate(all, escaper))),
    };
    let base = all("base image").first().map(|base| format!(" on {base}"));
    let parts = [
        part("component", "components", all("component ")),
        part("volume", "volumes", all("volume ")),
    ];
    let with = parts
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" and ");
    let with = if with.is_empty() {
        with
    } else {
        format!(", with {with}")
    };
    format!("{}{with}", base.unwrap_or_default())
}

fn because(differences: &[Difference], escaper: &impl Escaper) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let reasons = differences
        .iter()
        .map(|difference| reason(difference, escaper))
        .collect();
    format!(", because {}", enumerate(reasons, escaper))
}

/// `its base image changes from a to b`.
fn reason(difference: &Difference, escaper: &impl Escaper) -> String {
    let what = escaper.sentence(&difference.what);
    match (&difference.from, &difference.to) {
        (Some(from), Some(to)) => format!(
            "its {what} changes from {} to {}",
            escaper.value(from),
            escaper.value(to)
        ),
        (None, Some(to)) => format!("it gets the {what} {}", escaper.value(to)),
        (Some(from), None) => format!("it loses the {what} {}", escaper.value(from)),
        (None, None) => format!("its {what} changes"),
    }
}

fn image(review: &RecipeReview, escaper: &impl Escaper) -> Option<String> {
    let published = review.publishes.as_ref().map(|image| escaper.value(image));
    match (review.builds, published, review.action) {
        (_, Some(image), _) => Some(format!(
            "nothing has to be built: the image {image} is published in its place"
        )),
        (true, None, Action::Create | Action::NewVersion) => None,
        (true, None, Action::Repoint | Action::Keep) => Some("a build starts".to_owned()),
        (false, None, Action::Keep) => Some("nothing is built".to_owned()),
        (false, None, Action::Create | Action::NewVersion | Action::Repoint) => {
            Some("no build starts now".to_owned())
        }
    }
}

fn dependents(review: &RecipeReview, escaper: &impl Escaper) -> Option<String> {
    let names = list(review.dependents.iter().map(RecipeName::as_str), escaper);
    let follow = match review.dependents.len() {
        0 => return None,
        1 => "is built on it and will follow",
        _ => "are built on it and will follow",
    };
    Some(format!("{names} {follow}"))
}

/// What a consumer gains or loses.
pub fn access(change: &AccessChange, escaper: &impl Escaper) -> String {
    let consumer = escaper.value(&change.consumer);
    let kind = match change.consumer.split_once('-') {
        Some(("o", _)) => "organization",
        Some(("ou", _)) => "organizational unit",
        _ => "account",
    };
    let verb = match change.direction {
        Direction::Loses => "loses access",
        Direction::Gains => "gains access",
    };
    let principals = list(change.principals.iter().map(String::as_str), escaper);
    let principals = if principals.is_empty() {
        principals
    } else {
        format!(" ({principals})")
    };
    format!(
        "{kind} {consumer} {verb}{principals}: {}",
        escaper.sentence(&change.effect)
    )
}

/// What changes for every recipe.
pub fn setting(difference: &Difference, escaper: &impl Escaper) -> String {
    let what = escaper.sentence(&difference.what);
    match (&difference.from, &difference.to) {
        (Some(from), Some(to)) => format!(
            "{what}: from {} to {}",
            escaper.value(from),
            escaper.value(to)
        ),
        (None, Some(to)) => format!("{what}: {}", escaper.value(to)),
        (Some(from), None) => format!("{what}: {} is removed", escaper.value(from)),
        (None, None) => format!("{what} changes"),
    }
}

/// Who the schedule rebuilds from now on, who no more, and when it fires next.
pub fn schedule(review: &ScheduleReview, escaper: &impl Escaper, zone: &TimeZone) -> Vec<String> {
    let named = |names: &[RecipeName], one: &str, many: &str| {
        let told = list(names.iter().map(RecipeName::as_str), escaper);
        let verb = if names.len() == 1 { one } else { many };
        (!names.is_empty()).then(|| format!("{told} {verb}"))
    };
    let stops = named(
        &review.stops,
        "gets no more patches: it leaves ami-scheduled",
        "get no more patches: they leave ami-scheduled",
    );
    let starts = named(
        &review.starts,
        "gets patches from now on: it joins ami-scheduled",
        "get patches from now on: they join ami-scheduled",
    );
    let expression = review.expression.as_deref().map(|text| escaper.value(text));
    let fires = expression.map(|expression| match review.next {
        Some(next) => format!(
            "the schedule {expression} fires next on {}",
            when(next, zone)
        ),
        None if expression.contains("rate(") => {
            format!("the schedule is {expression}, counted from when the rule was last changed")
        }
        None => format!("the schedule {expression} never fires again"),
    });
    [stops, starts, fires].into_iter().flatten().collect()
}

/// A refusal, a wait or a change, and why.
pub fn entry(entry: &Entry, escaper: &impl Escaper) -> String {
    let target = escaper.value(&entry.target);
    let kind = escaper.value(&entry.kind);
    match &entry.reason {
        Some(reason) => format!("{target}: {} ({kind})", escaper.sentence(reason)),
        None => format!("{kind} {target}"),
    }
}

/// A plan in one line.
pub fn summary(review: &Review) -> String {
    let refused = (
        review.refused.len(),
        "thing is refused",
        "things are refused",
    );
    let parts: Vec<String> = [refused]
        .into_iter()
        .chain(consumer_counts(review))
        .chain(recipe_counts(review))
        .chain(other_counts(review))
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| count(n, one, many))
        .collect();
    if review.changes_nothing() && review.refused.is_empty() {
        return [vec!["nothing to do".to_owned()], parts]
            .concat()
            .join("; ");
    }
    parts.join(", ")
}

/// How many there are, and the words for one and for many.
type Counted = (usize, &'static str, &'static str);

fn consumer_counts(review: &Review) -> [Counted; 2] {
    let of = |direction| {
        let access = review.access.iter();
        access
            .filter(|change| change.direction == direction)
            .count()
    };
    [
        (
            of(Direction::Loses),
            "consumer loses access",
            "consumers lose access",
        ),
        (
            of(Direction::Gains),
            "consumer gains access",
            "consumers gain access",
        ),
    ]
}

fn recipe_counts(review: &Review) -> [Counted; 5] {
    let schedule = review.schedule.as_ref();
    let builds = review.recipes.iter().filter(|recipe| recipe.builds).count();
    [
        (
            schedule.map_or(0, |schedule| schedule.stops.len()),
            "recipe gets no more patches",
            "recipes get no more patches",
        ),
        (
            schedule.map_or(0, |schedule| schedule.starts.len()),
            "recipe gets patches from now on",
            "recipes get patches from now on",
        ),
        (review.recipes.len(), "recipe changes", "recipes change"),
        (builds, "build starts", "builds start"),
        (
            review.unchanged,
            "recipe stays as it is",
            "recipes stay as they are",
        ),
    ]
}

fn other_counts(review: &Review) -> [Counted; 3] {
    [
        (review.waiting.len(), "thing waits", "things wait"),
        (
            // Others are part of the calls.
            review.settings.len() * usize::from(review.changes.is_empty()),
            "setting changes",
            "settings change",
        ),
        (review.changes.len(), "call in all", "calls in all"),
    ]
}
