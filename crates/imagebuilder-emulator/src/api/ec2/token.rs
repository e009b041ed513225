//! Client tokens: the same token with the same parameters answers the id of the first use. How long
//! EC2 remembers one is not documented; here it is until the reset.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    api::ec2::request::Ec2Request,
    common::{ec2_error::client_error, error::ApiError},
    records::ec2::token::FirstUse,
};

/// The id that was answered to the token before, if it was used.
pub(crate) fn recalled(request: &Ec2Request<'_>) -> Result<Option<String>, ApiError> {
    let first = key(request).and_then(|key| request.ec2.tokens.get(&key));
    match first {
        Some(first) if first.parameters == digest(request) => Ok(Some(first.id.clone())),
        Some(_) => Err(client_error(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        )),
        None => Ok(None),
    }
}

/// Remembers the id for the request's token, if it has one.
pub(crate) fn remember(request: &mut Ec2Request<'_>, id: &str) {
    let first = FirstUse {
        parameters: digest(request),
        id: id.to_owned(),
    };
    if let Some(key) = key(request) {
        request.ec2.tokens.insert(key, first);
    }
}

fn key(request: &Ec2Request<'_>) -> Option<String> {
    let token = request
        .query
        .text("ClientToken")
        .filter(|token| !token.is_empty())?;
    let action = request.query.text("Action").unwrap_or_default();
    Some(format!(
        "{} {} {action} {token}",
        request.caller.account, request.caller.region
    ))
}

/// A dry run asks for the same as the run.
fn digest(request: &Ec2Request<'_>) -> String {
    let mut parameters = request.query.parameters();
    if let Some(parameters) = parameters.as_object_mut() {
        parameters.remove("DryRun");
    }
    STANDARD_NO_PAD.encode(Sha256::digest(parameters.to_string()))
}
