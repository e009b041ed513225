//! The actions that switch something of an AMI on or off: the AMI itself, its deprecation, its
//! protection from deregistration. Only its owner may.

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

use crate::{
    api::ec2::{attribute::owned, request::Ec2Request},
    common::{ec2_error::client_error, error::ApiError},
    records::ec2::ami::{Ami, Protection},
    wire::{
        ec2_answer::{self, Answer},
        xml::Xml,
    },
};

/// How long deregistration protection with a cooldown outlives its end (User Guide, "Protect an
/// Amazon EC2 AMI from deregistration").
const COOLDOWN: SignedDuration = SignedDuration::from_hours(24);

/// EnableImage. It is no error that the AMI was never disabled; whether EC2 minds is not documented.
pub(crate) fn enable_image(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    request.ec2.enable(&id)?;
    Ok(ec2_answer::done())
}

/// DisableImage.
pub(crate) fn disable_image(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    request.ec2.disable(&id)?;
    Ok(ec2_answer::done())
}

/// EnableImageDeprecation.
pub(crate) fn enable_image_deprecation(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    let text = request.query.required("DeprecateAt")?;
    let at = text
        .parse()
        .map_err(|_| deprecation(&format!("'{text}' is not a date and time")))?;
    check_deprecation(request.ec2.ami_mut(&id)?, at, request.now)?;
    request.ec2.deprecate(&id, at)?;
    Ok(ec2_answer::done())
}

/// DisableImageDeprecation. A public AMI keeps its deprecation until it is private (User Guide,
/// "Deprecate an Amazon EC2 AMI"); code and text of that error are not documented.
pub(crate) fn disable_image_deprecation(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    if request.ec2.ami_mut(&id)?.is_public() {
        let message = format!("The deprecation of the public image '{id}' cannot be cancelled.");
        return Err(client_error("OperationNotPermitted", message));
    }
    request.ec2.undeprecate(&id)?;
    Ok(ec2_answer::done())
}

/// Not in the past, and at most ten years from now, for a public AMI two years from its creation
/// (API reference, EnableImageDeprecation).
fn check_deprecation(ami: &Ami, at: Timestamp, now: Timestamp) -> Result<(), ApiError> {
    let decade = || {
        now.to_zoned(TimeZone::UTC)
            .saturating_add(10.years())
            .timestamp()
    };
    let limit = if ami.is_public() {
        ami.latest_public_deprecation()
    } else {
        decade()
    };
    if at < now {
        return Err(deprecation("the date is in the past"));
    }
    if at > limit {
        return Err(deprecation(&format!("the date is after {limit}")));
    }
    Ok(())
}

/// Code and text are not documented.
fn deprecation(reason: &str) -> ApiError {
    client_error(
        "InvalidParameterValue",
        format!("Invalid value for DeprecateAt: {reason}"),
    )
}

/// EnableImageDeregistrationProtection; answers with what is now on, as the command's example shows.
pub(crate) fn enable_image_deregistration_protection(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    let with_cooldown = request.query.flag("WithCooldown") == Some(true);
    let protection = if with_cooldown {
        Protection::WithCooldown
    } else {
        Protection::On
    };
    request.ec2.ami_mut(&id)?.protection = protection;
    Ok(vec![Xml::leaf("return", protection.as_str())])
}

/// DisableImageDeregistrationProtection. A cooldown that runs already goes on.
pub(crate) fn disable_image_deregistration_protection(request: &mut Ec2Request<'_>) -> Answer {
    let id = owned(request)?;
    let until = request.now.checked_add(COOLDOWN).unwrap_or(Timestamp::MAX);
    let protection = &mut request.ec2.ami_mut(&id)?.protection;
    *protection = match *protection {
        Protection::Off | Protection::On => Protection::Off,
        Protection::WithCooldown => Protection::CoolingDown(until),
        running @ Protection::CoolingDown(_) => running,
    };
    Ok(vec![Xml::leaf("return", protection.as_str())])
}
