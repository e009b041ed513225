//! DistributeImage: an image that only distributes an AMI that is there already.

use std::sync::Arc;

use serde_json::json;

use super::{
    Answer, distribution,
    image::{self, BuildType, Image, ImageSource, ImageStatus, Origin, TestsConfiguration},
    infrastructure::{InfrastructureConfiguration, InfrastructureSettings},
    recipe::{Recipe, RecipeSettings},
    start::{check_running, next_build},
};
use crate::{
    arn::{Arn, Kind, Version},
    build,
    date::Date,
    ec2::{Ami, query::Query},
    operations::Handlers,
    refusal::Refusal,
    request::Request,
    state::Tags,
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
        ..stand_in(
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
fn source(request: &Request<'_>, given: &str) -> Result<Source, Refusal> {
    if given.starts_with("ssm:") {
        let id = build::of_parameter(request.state, request.caller(), given);
        return of_ami(request, id.ok_or_else(|| Refusal::not_found(given))?);
    }
    if given.starts_with("ami-") {
        Query::check_id(given, "ami", "InvalidParameterValueException")
            .map_err(|refusal| Refusal::invalid("sourceImage", &refusal.message))?;
        return of_ami(request, given);
    }
    let arn: Arn = given.parse().map_err(|error: crate::arn::ParseArnError| {
        Refusal::invalid("sourceImage", &error.to_string())
    })?;
    let image = image::find(request, &arn).filter(|image| image.status == ImageStatus::Available);
    let image = image.ok_or_else(|| Refusal::not_found(&arn))?;
    let ami = image.ami.as_deref().and_then(|id| visible(request, id));
    let ami = ami.ok_or_else(|| Refusal::not_found(&arn))?;
    Ok(Source {
        ami,
        name: image.recipe.name.clone(),
        version: image.recipe.version,
    })
}

fn of_ami(request: &Request<'_>, id: &str) -> Result<Source, Refusal> {
    let ami = visible(request, id).ok_or_else(|| Refusal::not_found(id))?;
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

/// An image that was not built from a recipe: recipe and infrastructure carry name, version and
/// platform, and are not shown.
pub(super) fn stand_in(arn: Arn, name: &str, ami: &Ami, date: Date) -> Image {
    let platform = if ami.platform.as_deref() == Some("windows") {
        "Windows"
    } else {
        "Linux"
    };
    Image {
        recipe: Arc::new(stand_in_recipe(&arn, (name, platform), ami, date)),
        infrastructure: Arc::new(stand_in_infrastructure(&arn, date)),
        distribution: None,
        tests: TestsConfiguration {
            image_tests_enabled: false,
            ..TestsConfiguration::default()
        },
        enhanced_metadata: false,
        pipeline: None,
        build_type: BuildType::UserInitiated,
        date_created: date,
        tags: Tags::new(),
        execution_role: None,
        workflows: Arc::default(),
        logging: None,
        scanning: None,
        status: ImageStatus::Pending,
        reason: None,
        failure_context: None,
        cancelling: false,
        ami: None,
        outputs: Vec::new(),
        serial: 0,
        origin: Origin::Distributed,
        source: ImageSource::Custom,
        os_version: None,
        executions: Vec::new(),
        failure: None,
        stopped_in: None,
        lifecycle: None,
        arn,
    }
}

fn stand_in_recipe(image: &Arn, (name, platform): (&str, &str), ami: &Ami, date: Date) -> Recipe {
    Recipe {
        arn: Arn {
            kind: Kind::ImageRecipe,
            build: None,
            ..image.clone()
        },
        name: name.to_owned(),
        version: image.version.unwrap_or(Version::ANY),
        platform: platform.to_owned(),
        owner: image.account.to_string(),
        date_created: date,
        tags: Tags::new(),
        settings: RecipeSettings {
            description: None,
            components: Vec::new(),
            parent_image: ami.id.to_string(),
            block_device_mappings: Vec::new(),
            working_directory: None,
            additional_instance_configuration: None,
            ami_tags: Tags::new(),
            ami_watermarks: None,
        },
    }
}

fn stand_in_infrastructure(image: &Arn, date: Date) -> InfrastructureConfiguration {
    InfrastructureConfiguration {
        arn: Arn {
            kind: Kind::InfrastructureConfiguration,
            ..image.series()
        },
        name: String::new(),
        date_created: date,
        date_updated: None,
        tags: Tags::new(),
        settings: InfrastructureSettings {
            description: None,
            instance_types: None,
            instance_profile_name: String::new(),
            security_group_ids: None,
            subnet_id: None,
            logging: None,
            key_pair: None,
            terminate_instance_on_failure: true,
            sns_topic_arn: None,
            resource_tags: None,
            instance_metadata_options: None,
            placement: None,
        },
    }
}
