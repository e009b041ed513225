//! DescribeImageReferences: the caller's resources that refer to AMIs of any owner.

use crate::{
    api::ec2::request::Ec2Request,
    common::{ec2_error::client_error, error::ApiError},
    engine::ec2::usage::{INSTANCE, KINDS, Scope, TEMPLATE},
    wire::{
        ec2_answer::{self, Answer},
        query::Query,
        xml::Xml,
    },
};

/// How many versions of a launch template are looked at (User Guide, "Identify your resources
/// referencing specified AMIs").
const DEPTH: usize = 10;

/// The most AMIs in a request (model, `DescribeImageReferencesImageIdStringList`).
const MOST_IMAGES: usize = 10;

/// DescribeImageReferences.
pub(crate) fn describe_image_references(request: &mut Ec2Request<'_>) -> Answer {
    let images = images(&request.query)?;
    let scopes = scopes(&request.query)?;
    let caller = request.caller;
    let place = (caller.region.as_str(), caller.account.as_str());
    let mut found = Vec::new();
    for image in &images {
        for scope in &scopes {
            let arns = request
                .ec2
                .references(request.referrers, image, place, scope, request.now);
            found.extend(arns.into_iter().map(|arn| item(image, scope.kind, &arn)));
        }
    }
    ec2_answer::limited_page(&request.query, "imageReferenceSet", found, 5)
}

fn item(image: &str, kind: &str, arn: &str) -> Xml {
    Xml::new("item")
        .text("imageId", image)
        .text("resourceType", kind)
        .text("arn", arn)
}

/// The AMIs need not exist.
fn images(query: &Query) -> Result<Vec<String>, ApiError> {
    let images = query.list("ImageId");
    if images.is_empty() {
        query.required("ImageId")?;
    }
    if images.len() > MOST_IMAGES {
        let message = format!("At most {MOST_IMAGES} image IDs can be specified.");
        return Err(client_error("InvalidParameterValue", message));
    }
    for id in &images {
        Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
    }
    Ok(images)
}

/// The options of `ResourceType.n` go before the defaults of `IncludeAllResourceTypes`.
fn scopes(query: &Query) -> Result<Vec<Scope<'static>>, ApiError> {
    let mut scopes = Vec::new();
    for item in query.items("ResourceType") {
        scopes.push(scope(&item, DEPTH)?);
    }
    if query.flag("IncludeAllResourceTypes") == Some(true) {
        let default = |kind: &&'static str| Scope {
            kind,
            states: Vec::new(),
            depth: DEPTH,
        };
        let rest: Vec<_> = KINDS
            .iter()
            .filter(|kind| scopes.iter().all(|scope| scope.kind != **kind))
            .map(default)
            .collect();
        scopes.extend(rest);
    }
    if scopes.is_empty() {
        let message = "Either IncludeAllResourceTypes or ResourceTypes must be specified.";
        return Err(client_error("MissingParameter", message));
    }
    Ok(scopes)
}

/// A resource type with its options: `state-name` of instances, `version-depth` of launch templates.
pub(crate) fn scope(item: &Query, depth: usize) -> Result<Scope<'static>, ApiError> {
    let asked = item.required("ResourceType")?;
    let known = KINDS.iter().find(|kind| **kind == asked);
    let kind = known.ok_or_else(|| {
        let message = format!("Value ({asked}) for parameter ResourceType is invalid.");
        client_error("InvalidParameterValue", message)
    })?;
    let mut scope = Scope {
        kind,
        states: Vec::new(),
        depth,
    };
    for option in item.items("ResourceTypeOption") {
        let values = option.list("OptionValue");
        match (option.required("OptionName")?, *kind) {
            ("state-name", INSTANCE) => scope.states = values,
            ("version-depth", TEMPLATE) => scope.depth = version_depth(&values)?,
            (name, _) => {
                let message = format!("The option '{name}' is not valid for {kind}");
                return Err(client_error("InvalidParameterValue", message));
            }
        }
    }
    Ok(scope)
}

fn version_depth(values: &[String]) -> Result<usize, ApiError> {
    let number = values.first().and_then(|value| value.parse().ok());
    number.filter(|_| values.len() == 1).ok_or_else(|| {
        client_error(
            "InvalidParameterValue",
            "The option 'version-depth' must be one number",
        )
    })
}
