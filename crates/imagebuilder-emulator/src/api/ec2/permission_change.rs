//! How requests write changes of permissions, of an AMI or of a snapshot.

use crate::{
    common::{caller, ec2_error::client_error, error::ApiError},
    records::ec2::ami::LaunchPermission,
    wire::query::Query,
};

/// A change of permissions, of an AMI's or of a snapshot's.
pub(crate) struct Change {
    pub add: Vec<LaunchPermission>,
    pub remove: Vec<LaunchPermission>,
}

impl Change {
    /// Reads either form: `<attribute>.Add.n` and `.Remove.n`, or the older one with `UserId.n`,
    /// `UserGroup.n` and so on under an `OperationType`.
    pub fn of(query: &Query, attribute: &str) -> Result<Self, ApiError> {
        let permissions = |operation: &str| {
            let items = query.items(&format!("{attribute}.{operation}"));
            items
                .iter()
                .map(|item| permission(item, attribute))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut change = Self {
            add: permissions("Add")?,
            remove: permissions("Remove")?,
        };
        let flat = flat(query, attribute)?;
        match query.text("OperationType") {
            Some("add") => change.add.extend(flat),
            Some("remove") => change.remove.extend(flat),
            Some(_) | None if flat.is_empty() => {}
            Some(_) | None => {
                query.required("OperationType")?;
                query.one_of("OperationType", &["add", "remove"])?;
            }
        }
        Ok(change)
    }
}

fn permission(item: &Query, attribute: &str) -> Result<LaunchPermission, ApiError> {
    if let Some(user) = item.text("UserId") {
        return account(user);
    }
    let organization = item.text("OrganizationArn").map(str::to_owned);
    let unit = item.text("OrganizationalUnitArn").map(str::to_owned);
    let organization = organization.map(LaunchPermission::Organization);
    let unit = unit.map(LaunchPermission::OrganizationalUnit);
    organization
        .or(unit)
        .or_else(|| everybody(item.text("Group")))
        .ok_or_else(|| invalid_item(attribute))
}

fn everybody(group: Option<&str>) -> Option<LaunchPermission> {
    (group == Some("all")).then_some(LaunchPermission::All)
}

fn invalid_item(attribute: &str) -> ApiError {
    client_error(
        "InvalidAMIAttributeItemValue",
        format!("Invalid attribute item value for {attribute}"),
    )
}

fn account(user: &str) -> Result<LaunchPermission, ApiError> {
    if caller::is_account(user) {
        return Ok(LaunchPermission::User(user.to_owned()));
    }
    let message = format!("Invalid attribute item value \"{user}\" for userId item type.");
    Err(client_error("InvalidAMIAttributeItemValue", message))
}

fn flat(query: &Query, attribute: &str) -> Result<Vec<LaunchPermission>, ApiError> {
    let mut found = query
        .list("UserId")
        .iter()
        .map(|user| account(user))
        .collect::<Result<Vec<_>, _>>()?;
    for group in query.list("UserGroup") {
        found.push(everybody(Some(&group)).ok_or_else(|| invalid_item(attribute))?);
    }
    found.extend(
        query
            .list("OrganizationArn")
            .into_iter()
            .map(LaunchPermission::Organization),
    );
    found.extend(
        query
            .list("OrganizationalUnitArn")
            .into_iter()
            .map(LaunchPermission::OrganizationalUnit),
    );
    Ok(found)
}
