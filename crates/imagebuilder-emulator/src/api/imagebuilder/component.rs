//! The operations on components.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Value, json};

use crate::{
    api::imagebuilder::{
        answer::{latest_version_references, summary},
        quota::check_quota,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        json::to_json,
        lookup,
        version::Version,
    },
    document::component::{self, ComponentDocument, ComponentType},
    records::component::{Component, Content},
    wire::paging::{self, Filtered, Filters},
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[
    ("CreateComponent", create),
    ("GetComponent", get),
    ("ListComponents", list),
    ("ListComponentBuildVersions", list_builds),
    ("DeleteComponent", delete),
];

/// Quota "parameters per component" of the AWS General Reference.
const MAX_PARAMETERS: usize = 25;

/// CreateComponent
pub(crate) fn create(request: &mut Request<'_>) -> Answer {
    let member = if request.has("uri") { "uri" } else { "data" };
    let data = request.document()?;
    let platform = request.text("platform").unwrap_or_default();
    let document = component::parse(&data, platform);
    let document = document.map_err(|error| ApiError::invalid(member, &error.to_string()))?;
    let content = Content {
        data: Some(data),
        ..request.read()?
    };
    let arn = store(request, document, content)?;
    Ok(json!({
        "componentBuildVersionArn": arn,
        "latestVersionReferences": latest_version_references(&arn),
    }))
}

/// Makes a build of a document, unless the newest has the same content, or it is a dry run.
pub(crate) fn store(
    request: &mut Request<'_>,
    document: ComponentDocument,
    content: Content,
) -> Result<Arn, ApiError> {
    let arn = next_build(request, &content)?;
    check_quota(&request.state.components, &arn, quota(request))?;
    if document.parameters.len() > MAX_PARAMETERS {
        return Err(ApiError::quota("Parameters per component", MAX_PARAMETERS));
    }
    request.stop_if_dry_run()?;
    let component = assembled(request, arn.clone(), document, content)?;
    request.state.record_build_number(&arn);
    request.state.components.insert(arn.clone(), component);
    Ok(arn)
}

fn quota(request: &Request<'_>) -> (&'static str, usize) {
    ("Components", request.options().quotas.components)
}

/// The ARN of the next build, unless the newest build has the same content.
fn next_build(request: &Request<'_>, content: &Content) -> Result<Arn, ApiError> {
    let name = request.text("name").unwrap_or_default();
    let version = request.semantic_version()?;
    let arn = request.own(Kind::Component, name).at(version);
    match lookup::newest(&request.state.components, &arn) {
        Some((existing, component)) if component.content == *content => {
            Err(ApiError::exists("Component", existing))
        }
        Some(_) | None => Ok(request.state.next_build(&arn)),
    }
}

fn assembled(
    request: &Request<'_>,
    arn: Arn,
    document: ComponentDocument,
    content: Content,
) -> Result<Component, ApiError> {
    Ok(Component {
        name: request.text("name").unwrap_or_default().to_owned(),
        version: arn.version.unwrap_or(Version::ANY),
        r#type: document.kind,
        owner: request.caller().account.clone(),
        date_created: request.date(),
        state: json!({"status": "ACTIVE"}),
        parameters: document.parameters,
        encrypted: true,
        tags: request.tags()?,
        publisher: None,
        obfuscate: false,
        content,
        arn,
    })
}

/// GetComponent: a build, or the newest build of a version or wildcard.
pub(crate) fn get(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("componentBuildVersionArn")?;
    let (_, component) = find(request, &arn).ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(json!({
        "component": to_json(component),
        "latestVersionReferences": latest_version_references(&component.arn),
    }))
}

/// The newest component that the caller can refer to by this ARN: its own or Amazon's.
pub(crate) fn find<'r>(request: &'r Request<'_>, arn: &Arn) -> Option<(&'r Arn, &'r Component)> {
    lookup::newest(&request.state.components, arn).filter(|_| is_reachable(request, arn))
}

/// Components are not shared between accounts here.
fn is_reachable(request: &Request<'_>, arn: &Arn) -> bool {
    let caller = request.caller();
    arn.region == caller.region && (arn.account == caller.account || arn.account == "aws")
}

/// DeleteComponent: refused while a recipe refers to the build, a wildcard resolved included.
pub(crate) fn delete(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("componentBuildVersionArn")?;
    let ours = arn.account == request.caller().account;
    if !ours || !request.state.components.contains_key(&arn) {
        return Err(ApiError::not_found(&arn));
    }
    if is_used(request, &arn) {
        return Err(ApiError::depended_on(&arn));
    }
    request.state.components.remove(&arn);
    Ok(json!({"componentBuildVersionArn": arn}))
}

fn is_used(request: &Request<'_>, arn: &Arn) -> bool {
    let recipes = request.own(Kind::ImageRecipe, "");
    let mut recipes = lookup::all(&request.state.recipes, &recipes);
    recipes.any(|(_, recipe)| {
        recipe.settings.components.iter().any(|used| {
            let resolved = lookup::newest(&request.state.components, &used.component_arn);
            resolved.is_some_and(|(resolved, _)| resolved == arn)
        })
    })
}

impl Filtered for Component {
    const FILTERS: &'static [&'static str] = &[
        "description",
        "name",
        "platform",
        "productCodes",
        "status",
        "supportedOsVersion",
        "type",
        "version",
    ];

    fn field(&self, filter: &str) -> Vec<Cow<'_, str>> {
        let kind = match self.r#type {
            ComponentType::Build => "BUILD",
            ComponentType::Test => "TEST",
        };
        match filter {
            "name" => vec![Cow::from(&self.name)],
            "description" => self.content.description.iter().map(Cow::from).collect(),
            "platform" => vec![Cow::from(&self.content.platform)],
            "status" => vec![Cow::from("ACTIVE")],
            "supportedOsVersion" => self
                .content
                .supported_os_versions
                .iter()
                .flatten()
                .map(Cow::from)
                .collect(),
            "type" => vec![Cow::from(kind)],
            "version" => vec![Cow::from(self.version.to_string())],
            _ => Vec::new(),
        }
    }
}

const VERSION_MEMBERS: [&str; 10] = [
    "arn",
    "name",
    "version",
    "description",
    "platform",
    "supportedOsVersions",
    "type",
    "owner",
    "dateCreated",
    "status",
];

/// ListComponents: one entry a version, or a name; the caller's own unless `owner` says Amazon.
pub(crate) fn list(request: &mut Request<'_>) -> Answer {
    let (filters, by_name) = Filters::by_name::<Component>(request)?;
    let first = match request.text("owner") {
        Some("Amazon") => Arn::new(&request.caller().region, "aws", Kind::Component, ""),
        Some("Self") | None => request.own(Kind::Component, ""),
        Some(_) => return paging::page(request, "componentVersionList", &[], |(): &()| json!({})),
    };
    let mut entries = BTreeMap::new();
    for (arn, component) in lookup::all(&request.state.components, &first) {
        if filters.admit(component) {
            let entry = if by_name {
                arn.series()
            } else {
                arn.versionless_build()
            };
            entries.insert(entry, component);
        }
    }
    let mut entries: Vec<_> = entries.into_values().collect();
    paging::newest_first(&mut entries, |one| (one.date_created, &one.arn));
    paging::page(request, "componentVersionList", &entries, |component| {
        version_view(component)
    })
}

fn version_view(component: &Component) -> Value {
    let mut view = summary(component, &VERSION_MEMBERS);
    view["arn"] = to_json(&component.arn.versionless_build());
    view["status"] = Value::from("ACTIVE");
    view
}

const SUMMARY_MEMBERS: [&str; 14] = [
    "arn",
    "name",
    "version",
    "platform",
    "supportedOsVersions",
    "state",
    "type",
    "owner",
    "description",
    "changeDescription",
    "dateCreated",
    "tags",
    "publisher",
    "obfuscate",
];

/// ListComponentBuildVersions: all builds of one version, none if there is no such version, or all
/// of the account.
pub(crate) fn list_builds(request: &mut Request<'_>) -> Answer {
    let reference = request.optional_arn("componentVersionArn")?;
    let own = request.own(Kind::Component, "");
    let mut builds: Vec<&Component> = match &reference {
        Some(arn) if !is_reachable(request, arn) => Vec::new(),
        Some(arn) => lookup::covered(&request.state.components, arn)
            .map(|(_, one)| one)
            .collect(),
        None => lookup::all(&request.state.components, &own)
            .map(|(_, one)| one)
            .collect(),
    };
    paging::newest_first(&mut builds, |one| (one.date_created, &one.arn));
    paging::page(request, "componentSummaryList", &builds, |one| {
        summary(one, &SUMMARY_MEMBERS)
    })
}
