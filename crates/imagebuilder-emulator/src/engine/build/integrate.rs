//! INTEGRATING: what is done with the AMIs once they are where they are to be.
//!
//! Launch templates get a version, parameters a value. As in the distribution, what was done in one
//! Region stays done when another fails. Licenses are associated and Windows is made to launch
//! faster where nobody can see it: License Manager and fast launch are not emulated.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    common::arn,
    engine::build::failure::RegionFailure,
    records::{
        distribution::{Distribution, LaunchTemplateConfiguration, SsmParameterConfiguration},
        failure::Failure,
        image::Image,
    },
    state::State,
};

/// The `ImageConfigurationStep`s that can fail here.
const LAUNCH_TEMPLATES: &str = "UPDATE_LAUNCH_TEMPLATES";

const PARAMETERS: &str = "PUT_SSM_PARAMETERS";

const FAST_LAUNCH: &str = "UPDATE_FAST_LAUNCH_CONFIGURATIONS";

/// Applies the configurations of every Region: those that a workflow's step names as its input
/// `configurations`, or else those of the image's distribution configuration.
///
/// Called at the end of INTEGRATING, or of the step ApplyImageConfigurations.
pub(crate) fn apply(
    state: &mut State,
    image: &Image,
    configurations: Option<&Value>,
    _at: Timestamp,
) -> Result<(), Failure> {
    let named = configurations.and_then(|named| Vec::<Distribution>::deserialize(named).ok());
    let configured = image
        .distribution
        .as_ref()
        .map(|used| used.settings.distributions.clone());
    let mut failures = Vec::new();
    for entry in named.or(configured).unwrap_or_default() {
        failures.extend(in_region(state, image, &entry));
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failure::in_regions(image, &failures))
    }
}

fn in_region(state: &mut State, image: &Image, entry: &Distribution) -> Vec<RegionFailure> {
    let mut failures = Vec::new();
    for template in entry.launch_template_configurations.iter().flatten() {
        failures.extend(update_template(state, image, entry, template).err());
    }
    for parameter in entry.ssm_parameter_configurations.iter().flatten() {
        failures.extend(put_parameter(state, image, entry, parameter).err());
    }
    let mut fast = entry.fast_launch_configurations.iter().flatten();
    if image.recipe.platform != "Windows" && fast.any(|one| one.enabled) {
        let message = "EC2 Client Error: 'Fast launch is supported for Windows AMIs only'";
        failures.push(failure(entry, None, FAST_LAUNCH, message.to_owned()));
    }
    failures
}

fn failure(
    entry: &Distribution,
    target_account: Option<String>,
    step: &'static str,
    message: String,
) -> RegionFailure {
    RegionFailure {
        region: entry.region.clone(),
        target_account,
        step: Some(step),
        message,
    }
}

/// The AMI that an account uses in a Region: its own copy, or the one that is shared with it.
fn ami(state: &State, image: &Image, region: &str, account: &str) -> Option<String> {
    let outputs = &state.images.get(&image.arn)?.outputs;
    let mut here = outputs.iter().filter(|output| output.region == region);
    let own = here.clone().find(|output| output.account_id == account);
    own.or_else(|| here.next())
        .map(|output| output.image.to_string())
}

/// The AMI that a launch template gets, whoever owns the template: that of the building account, which
/// the template's account may not launch. It is a trap of AWS (aws-samples,
/// distribution/cross-account-amis/README.md); an SSM parameter gets the account's own copy.
fn ami_of_source(state: &State, image: &Image, region: &str) -> Option<String> {
    let outputs = &state.images.get(&image.arn)?.outputs;
    let source = outputs
        .iter()
        .find(|output| output.region == region && output.account_id == image.arn.account);
    let source = source.map(|output| output.image.to_string());
    source.or_else(|| image.ami.as_deref().map(str::to_owned))
}

/// Adds a version to a launch template.
fn update_template(
    state: &mut State,
    image: &Image,
    entry: &Distribution,
    asked: &LaunchTemplateConfiguration,
) -> Result<(), RegionFailure> {
    let LaunchTemplateConfiguration {
        launch_template_id: id,
        account_id,
        set_default_version,
    } = asked;
    let account = account_id.as_deref().unwrap_or(&image.arn.account);
    let ami = ami_of_source(state, image, &entry.region);
    let Some(template) = state.ec2.template_mut(id, &entry.region, account) else {
        let message = format!("EC2 Client Error: 'The launch-template ID '{id}' does not exist'");
        return Err(failure(
            entry,
            foreign(image, account),
            LAUNCH_TEMPLATES,
            message,
        ));
    };
    template.versions.push(ami);
    if *set_default_version != Some(false) {
        template.default_version = template.versions.len();
    }
    Ok(())
}

/// Writes a parameter, over the value it had. Image Builder's own role may only write below
/// `/imagebuilder/`; whether the role that anything else needs may do it is not looked at.
fn put_parameter(
    state: &mut State,
    image: &Image,
    entry: &Distribution,
    asked: &SsmParameterConfiguration,
) -> Result<(), RegionFailure> {
    let SsmParameterConfiguration {
        ami_account_id,
        parameter_name: name,
        data_type,
    } = asked;
    let account = ami_account_id.as_deref().unwrap_or(&image.arn.account);
    let region = &entry.region;
    let allowed = name.trim_start_matches('/').starts_with("imagebuilder/");
    if !allowed && image.execution_role.is_none() {
        return Err(failure(
            entry,
            foreign(image, account),
            PARAMETERS,
            denied(region, account, name),
        ));
    }
    let Some(ami) = ami(state, image, region, account) else {
        let message = format!("SSM Client Error: 'There is no AMI for account {account}'");
        return Err(failure(entry, foreign(image, account), PARAMETERS, message));
    };
    state.parameters.put(
        (region, account, name),
        &ami,
        data_type.as_deref().unwrap_or("text"),
    );
    Ok(())
}

/// What IAM says; that it is said in this form is not documented.
fn denied(region: &str, account: &str, name: &str) -> String {
    let (partition, path) = (arn::partition(region), name.trim_start_matches('/'));
    format!(
        "SSM Client Error: 'AWSServiceRoleForImageBuilder is not authorized to perform: ssm:PutParameter \
         on resource: arn:{partition}:ssm:{region}:{account}:parameter/{path}'"
    )
}

fn foreign(image: &Image, account: &str) -> Option<String> {
    (account != image.arn.account).then(|| account.to_owned())
}
