//! Images that were not built from a recipe. They get a placeholder for what they do not have.

use std::sync::Arc;

use crate::{
    common::{
        arn::{Arn, Kind},
        date::Date,
        tags::Tags,
        version::Version,
    },
    records::{
        ec2::ami::Ami,
        image::{Image, Origin, TestsConfiguration},
        infrastructure::{InfrastructureConfiguration, InfrastructureSettings},
        recipe::{Recipe, RecipeSettings},
    },
};

/// An image that was not built from a recipe: recipe and infrastructure carry name, version and
/// platform, and are not shown.
pub(crate) fn placeholder(arn: Arn, name: &str, ami: &Ami, date: Date) -> Image {
    let platform = if ami.platform.as_deref() == Some("windows") {
        "Windows"
    } else {
        "Linux"
    };
    let recipe = placeholder_recipe(&arn, (name, platform), ami, date);
    let infrastructure = placeholder_infrastructure(&arn, date);
    Image {
        tests: TestsConfiguration {
            image_tests_enabled: false,
            ..TestsConfiguration::default()
        },
        origin: Origin::Distributed,
        ..Image::pending(arn, Arc::new(recipe), Arc::new(infrastructure), date)
    }
}

fn placeholder_recipe(
    image: &Arn,
    (name, platform): (&str, &str),
    ami: &Ami,
    date: Date,
) -> Recipe {
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

fn placeholder_infrastructure(image: &Arn, date: Date) -> InfrastructureConfiguration {
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
