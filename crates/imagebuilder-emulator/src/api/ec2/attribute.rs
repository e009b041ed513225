//! DescribeImageAttribute, ModifyImageAttribute and ResetImageAttribute. They are the owner's.

use std::{collections::BTreeSet, fmt::Display};

use crate::{
    api::ec2::{describe::product_codes, permission_change::Change, request::Ec2Request},
    common::{
        date::Date,
        ec2_error::{client_error, unknown_image},
        error::ApiError,
        text::Text,
    },
    records::ec2::ami::{Ami, LaunchPermission},
    wire::{
        ec2_answer::{self, Answer},
        query::Query,
        xml::Xml,
    },
};

/// The attributes that can be described (model, `ImageAttributeName`).
const ATTRIBUTES: &[&str] = &[
    "description",
    "kernel",
    "ramdisk",
    "launchPermission",
    "productCodes",
    "blockDeviceMapping",
    "sriovNetSupport",
    "bootMode",
    "tpmSupport",
    "uefiData",
    "lastLaunchedTime",
    "imdsSupport",
    "deregistrationProtection",
];

/// DescribeImageAttribute.
pub(crate) fn describe_image_attribute(request: &mut Ec2Request<'_>) -> Answer {
    let attribute = request.query.required("Attribute")?.to_owned();
    request.query.one_of("Attribute", ATTRIBUTES)?;
    let id = owned(request)?;
    let ami = request.ec2.ami_mut(&id)?;
    let shown = match attribute.as_str() {
        // Deprecated, and answered like this (API reference, DescribeImageAttribute).
        "blockDeviceMapping" => {
            return Err(client_error(
                "AuthFailure",
                "Unauthorized attempt to access restricted resource",
            ));
        }
        attribute => view(ami, attribute),
    };
    Ok(vec![Xml::leaf("imageId", &id), shown])
}

/// An attribute as it is shown; kernel, RAM disk, UEFI data and the Intel interface have no value
/// here.
fn view(ami: &Ami, attribute: &str) -> Xml {
    match attribute {
        "launchPermission" => Xml::list("launchPermission", ami.permissions.iter().map(permission)),
        "productCodes" => product_codes(&ami.product_codes),
        "description" => valued("description", ami.description.as_ref()),
        "lastLaunchedTime" => valued("lastLaunchedTime", ami.last_launched.map(Date)),
        "bootMode" => valued("bootMode", ami.boot_mode.as_ref()),
        "tpmSupport" => valued("tpmSupport", ami.tpm_support.as_ref()),
        "imdsSupport" => valued("imdsSupport", ami.imds_support.as_ref()),
        "deregistrationProtection" => {
            valued("deregistrationProtection", Some(ami.protection.as_str()))
        }
        "kernel" => Xml::new("kernel"),
        "ramdisk" => Xml::new("ramdisk"),
        "uefiData" => Xml::new("uefiData"),
        _ => Xml::new("sriovNetSupport"),
    }
}

fn valued(name: &'static str, value: Option<impl Display>) -> Xml {
    Xml::new(name).optional("value", value)
}

/// A permission as it is shown, a launch permission or one to create volumes.
pub(crate) fn permission(permission: &LaunchPermission) -> Xml {
    let item = Xml::new("item");
    match permission {
        LaunchPermission::All => item.text("group", "all"),
        LaunchPermission::User(user) => item.text("userId", user),
        LaunchPermission::Organization(arn) => item.text("organizationArn", arn),
        LaunchPermission::OrganizationalUnit(arn) => item.text("organizationalUnitArn", arn),
    }
}

/// ModifyImageAttribute, of exactly one attribute.
pub(crate) fn modify_image_attribute(request: &mut Ec2Request<'_>) -> Answer {
    let attribute = asked(&request.query)?;
    let id = owned(request)?;
    let value = |name: &str| {
        request
            .query
            .text(name)
            .or(request.query.text("Value"))
            .map(str::to_owned)
    };
    match attribute {
        "description" => {
            request.ec2.ami_mut(&id)?.description = value("Description.Value").map(Text::from);
        }
        "imdsSupport" => {
            let value = value("ImdsSupport.Value");
            check_imds(value.as_deref())?;
            request.ec2.ami_mut(&id)?.imds_support = value.map(Text::from);
        }
        _ => permit(request, &id)?,
    }
    Ok(ec2_answer::done())
}

fn permit(request: &mut Ec2Request<'_>, id: &str) -> Result<(), ApiError> {
    let change = Change::of(&request.query, "LaunchPermission")?;
    request.ec2.share(id, change.add)?;
    let ami = request.ec2.ami_mut(id)?;
    ami.permissions
        .retain(|permission| !change.remove.contains(permission));
    Ok(())
}

/// It cannot be undone (API reference, ModifyImageAttribute).
fn check_imds(value: Option<&str>) -> Result<(), ApiError> {
    if value == Some("v2.0") {
        return Ok(());
    }
    let message = format!(
        "Value ({}) for parameter imdsSupport is invalid.",
        value.unwrap_or_default()
    );
    Err(client_error("InvalidParameterValue", message))
}

/// The one attribute that a request means, by `Attribute` or by the parameters that it has.
fn asked(query: &Query) -> Result<&'static str, ApiError> {
    let marks = [
        ("description", "Description"),
        ("imdsSupport", "ImdsSupport"),
        ("launchPermission", "LaunchPermission"),
        ("launchPermission", "OperationType"),
        ("launchPermission", "UserId"),
        ("launchPermission", "UserGroup"),
        ("launchPermission", "OrganizationArn"),
        ("launchPermission", "OrganizationalUnitArn"),
    ];
    query.one_of(
        "Attribute",
        &["description", "imdsSupport", "launchPermission"],
    )?;
    if query.has("ProductCode") {
        return Err(client_error(
            "UnsupportedOperation",
            "Product codes of an image cannot be modified.",
        ));
    }
    let named = marks
        .iter()
        .filter(|(name, _)| query.text("Attribute") == Some(name));
    let marked = marks.iter().filter(|(_, parameter)| query.has(parameter));
    let asked: BTreeSet<&str> = named.chain(marked).map(|(name, _)| *name).collect();
    let mut each = asked.iter().copied();
    match (each.next(), each.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(client_error(
            "InvalidParameterCombination",
            "No attributes specified.",
        )),
        (Some(_), Some(_)) => {
            let asked: Vec<_> = asked.into_iter().collect();
            let message = format!(
                "Fields for multiple attribute types specified: {}",
                asked.join(", ")
            );
            Err(client_error("InvalidParameterCombination", message))
        }
    }
}

/// ResetImageAttribute: only launch permissions can be.
pub(crate) fn reset_image_attribute(request: &mut Ec2Request<'_>) -> Answer {
    request.query.required("Attribute")?;
    request.query.one_of("Attribute", &["launchPermission"])?;
    let id = owned(request)?;
    request.ec2.ami_mut(&id)?.permissions.clear();
    Ok(ec2_answer::done())
}

/// The AMI's id, if the caller owns it.
pub(crate) fn owned(request: &Ec2Request<'_>) -> Result<String, ApiError> {
    let id = request.query.required("ImageId")?;
    Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
    let caller = request.caller;
    let ami = request.ec2.visible(id, &caller.region, &caller.account);
    if ami.ok_or_else(|| unknown_image(id))?.owner == caller.account {
        return Ok(id.to_owned());
    }
    Err(client_error(
        "AuthFailure",
        format!("Not authorized for image:{id}"),
    ))
}
