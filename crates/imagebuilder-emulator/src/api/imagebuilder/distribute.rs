//! DistributeImage: an image that only distributes an AMI that is there already.

use serde_json::json;

use crate::{
    api::imagebuilder::{
        distribution, image,
        request::{Answer, Handlers, Request},
    },
    common::{
        arn::{Arn, Kind},
        error::ApiError,
        version::{ParseArnError, Version},
    },
    engine::build::{
        self, base_image,
        placeholder::placeholder,
        start::{check_running, next_build},
    },
    records::{
        ec2::ami::Ami,
        image::{Image, ImageStatus},
    },
    wire::query::Query,
};

/// What this file carries out.
pub(crate) const OPERATIONS: Handlers = &[("DistributeImage", distribute)];

/// The AMI, and the name and version that the new image gets.
struct Source {
    ami: Ami,
    name: String,
    version: Version,
}

/// DistributeImage
pub(crate) fn distribute(request: &mut Request<'_>) -> Answer {
    let arn = request.arn("distributionConfigurationArn")?;
    let configuration = distribution::find(request, &arn).cloned();
    let configuration =
        configuration.ok_or_else(|| request.missing("distributionConfigurationArn", &arn))?;
    let source = source(request, request.text("sourceImage").unwrap_or_default())?;
    check_running(request.state, request.options(), request.caller())?;
    let version = request
        .own(Kind::Image, &slug(&source.name))
        .at(source.version);
    let image = Image {
        distribution: Some(configuration),
        tags: request.tags()?,
        execution_role: request.member("executionRole")?,
        logging: request.member("loggingConfiguration")?,
        serial: request.state.next_serial(),
        ami: Some(source.ami.id.clone()),
        ..placeholder(
            next_build(request.state, &version),
            &source.name,
            &source.ami,
            request.date(),
        )
    };
    let (arn, now) = (image.arn.clone(), request.now());
    build::begin(request.state, image, now);
    Ok(json!({"imageBuildVersionArn": arn}))
}

/// The AMI that `sourceImage` stands for: an AMI's id, a parameter that holds one, or an image's
/// newest available build.
///
/// The example of the API Reference names an image after its AMI, with version 1.0.0. What an image
/// gets that is distributed from an image is not documented: here it is the next build of it.
fn source(request: &Request<'_>, given: &str) -> Result<Source, ApiError> {
    if given.starts_with("ssm:") {
        let id = base_image::of_parameter(request.state, request.caller(), given);
        return of_ami(request, id.ok_or_else(|| ApiError::not_found(given))?);
    }
    if given.starts_with("ami-") {
        Query::check_id(given, "ami", "InvalidParameterValueException")
            .map_err(|error| ApiError::invalid("sourceImage", &error.message))?;
        return of_ami(request, given);
    }
    let arn: Arn = given
        .parse()
        .map_err(|error: ParseArnError| ApiError::invalid("sourceImage", &error.to_string()))?;
    let image = image::find(request, &arn).filter(|image| image.status == ImageStatus::Available);
    let image = image.ok_or_else(|| ApiError::not_found(&arn))?;
    let ami = image.ami.as_deref().and_then(|id| visible(request, id));
    let ami = ami.ok_or_else(|| ApiError::not_found(&arn))?;
    Ok(Source {
        ami,
        name: image.recipe.name.clone(),
        version: image.recipe.version,
    })
}

fn of_ami(request: &Request<'_>, id: &str) -> Result<Source, ApiError> {
    let ami = visible(request, id).ok_or_else(|| ApiError::not_found(id))?;
    Ok(Source {
        name: ami.name.to_string(),
        version: Version::new(1, 0, 0),
        ami,
    })
}

fn visible(request: &Request<'_>, id: &str) -> Option<Ami> {
    let caller = request.caller();
    request
        .state
        .ec2
        .launchable(id, &caller.region, &caller.account)
        .cloned()
}

/// The names of AMIs may have more than an ARN takes.
fn slug(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    name.chars()
        .map(|letter| if fits(letter) { letter } else { '-' })
        .collect()
}
