//! The base image of a build: which AMI it is, and where it comes from.

use crate::{
    common::{arn::Arn, caller::Caller},
    records::image::{Image, ImageSource},
    state::{State, images},
};

/// The AMI that the recipe's parent image stands for, whether or not it is there.
pub(crate) fn base_id(state: &State, image: &Image) -> Option<String> {
    let parent = &image.recipe.settings.parent_image;
    let Arn {
        region, account, ..
    } = &image.arn;
    if parent.starts_with("ssm:") {
        let owner = Caller {
            account: account.to_string(),
            region: region.to_string(),
        };
        return of_parameter(state, &owner, parent).map(str::to_owned);
    }
    match parent.parse::<Arn>() {
        Ok(arn) => images::newest_available(&state.images, &arn)
            .and_then(|image| image.ami.as_ref().map(ToString::to_string)),
        Err(_) => Some(parent.clone()),
    }
}

/// What the parameter holds that `ssm:` and its name or ARN stand for.
pub(crate) fn of_parameter<'s>(
    state: &'s State,
    owner: &Caller,
    reference: &str,
) -> Option<&'s str> {
    let name = reference.strip_prefix("ssm:")?;
    let found = state.parameters.named(&owner.region, &owner.account, name);
    found.map(|parameter| parameter.value.as_str())
}

/// Where the base image comes from, the member `imageSource`: Amazon's images by ARN are managed,
/// an AMI with a product code is the marketplace's, anything else is custom.
pub(crate) fn image_source(state: &State, parent: &str) -> ImageSource {
    if parent.parse::<Arn>().is_ok_and(|arn| arn.account == "aws") {
        return ImageSource::AmazonManaged;
    }
    let ami = state.ec2.amis.get(parent);
    if ami.is_some_and(|ami| {
        ami.product_codes
            .iter()
            .any(|code| code.kind == "marketplace")
    }) {
        return ImageSource::AwsMarketplace;
    }
    ImageSource::Custom
}
